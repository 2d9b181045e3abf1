/** Sites + options → plan: norm, groups, form and init of every site, decided before anything is changed. */

import type { Quantized } from '../find/quantized-words.ts';
import { tiesOf } from '../find/tied.ts';
import type { Refusal, Site } from '../find/types.ts';
import { FORMS, formNamed } from '../forms/index.ts';
import type { Form, FormSite } from '../forms/types.ts';
import { normNamed } from '../norms/index.ts';
import type { Affine } from '../norms/inits/types.ts';
import type { GroupedNorm } from '../norms/types.ts';
import { DataType, dataTypeName } from '../onnx/data-type.ts';
import { makeTensor, valuesOf } from '../onnx/tensor.ts';
import { convertCommand } from '../words.ts';
import { choose, type PlanOptions } from './choices.ts';
import { consumerFor } from './consumers.ts';
import { emptyNotes, ends, withoutFailing } from './empty.ts';
import { whyLosesDigits } from './loses-digits.ts';
import type { Trains } from './onnx2torch.ts';

/** What will stand at a site. */
export interface SitePlan extends GroupedNorm {
  readonly site: Site;
  /** Name of the norm. */
  readonly norm: string;
  readonly form: string;
  /** The form to take instead where groups are chosen anew and {@link form} would lose digits with them; absent if there is none. */
  readonly exactForm?: string;
  readonly init: string;
  /** Whether a consumer's fusions want its usual spelling. */
  readonly plain?: boolean;
  /** Remarks for the user, such as a group count that did not divide. */
  readonly notes: readonly string[];
}

/** A plan in the making. */
type Made = { -readonly [K in keyof SitePlan]: SitePlan[K] };

/** What a rewrite will do. */
export interface Plan {
  readonly norm: string;
  readonly tag: string;
  readonly sites: readonly SitePlan[];
  readonly refusals: readonly Refusal[];
  /** How the source is quantized; absent if it is not. */
  readonly quantized?: Quantized | undefined;
  /** What trains where `for` says that the model goes; absent if that is not known. */
  readonly trains?: (Trains & { readonly reader: string }) | undefined;
  /** How many nodes of the source read what only a later one makes; what is written is in order. */
  readonly early?: number;
}

/**
 * Decides for every site what will stand there.
 *
 * @param opset of the standard domain
 * @param refusals of the search, carried on
 * @throws GnSwapError `invalid-arguments` for an unknown norm, form, init or consumer, or a group count that is no positive
 *   integer; `unsupported-model` where the consumer does not read the opset
 */
export function plan(
  sites: readonly Site[],
  opset: number,
  options: PlanOptions = {},
  refusals: readonly Refusal[] = [],
): Plan {
  const chosen = choose(options, opset);
  const planned: SitePlan[] = [];
  const refused: Refusal[] = [...refusals];
  for (const site of sites) {
    const result = planSite(site, opset, options, chosen);
    if (!('code' in result)) planned.push(result);
    else refused.push({ name: site.name, path: site.path, op: site.node.opType, ...result });
  }
  const { norm } = chosen;
  return { norm: norm.name, tag: norm.tag, sites: withTiesTold(planned), refusals: refused };
}

/** What will stand at a site, or why it stays as it is. */
function planSite(site: Site, opset: number, options: PlanOptions, chosen: Choices): SitePlan | Reason {
  const { norm, init, forms, ofFloat64 } = chosen;
  if (!isChosen(site.name, options)) return EXCLUDED;
  if (site.placeholders === true && norm.data !== 'required') return PLACEHOLDERS;
  const { groups, note } = norm.groupsFor(site, options);
  const unfit = norm.check(site, groups);
  if (unfit !== undefined) return unfit;
  const parameters = norm.parameters(site, groups, init, options);
  const { notes, scale, bias, more } = parameters;
  const plain = options.for !== undefined && consumerFor(options.for, opset).plain === true;
  const formSite = formSiteFor(site, { norm: norm.name, groups, plain, scale, bias, more });
  const candidates = site.elementType === DataType.DOUBLE ? ofFloat64 : forms;
  const possible = candidates.filter((it) => it.check(formSite, opset) === undefined);
  const { legal, ending } = withoutFailing(possible, formSite, isAuto(options));
  // Where the rank is unknown, that it is a sequence is not likely: a form that is named is taken, with a note.
  if (ending !== undefined && options.for === undefined && site.shape !== undefined) {
    const reason = `form ${ending.name} ${ends(site)}`;
    return { code: 'form', reason, remedy: 'Choose --form reduce, or auto' };
  }
  const losing = legal.map((it) => whyLosesDigits(it, site, norm.name, groups));
  const spare = legal.find(({ bySquares }) => bySquares?.includes(norm.name) !== true);
  const exact = Math.max(0, losing.indexOf(undefined));
  const form = legal[exact];
  if (form === undefined) {
    const reasons = candidates.map((it) => `${it.name}: ${it.check(formSite, opset)}`);
    const remedy = isAuto(options)
      ? `Choose another norm with --to, or convert the model to opset 13 or later: ${convertCommand(13)}`
      : 'Choose another --form, or auto';
    return { code: 'form', reason: reasons.join('; '), remedy };
  }
  const tooLarge = overflow(site, parameters, form);
  if (tooLarge !== undefined) {
    const [reason, remedy] = tooLarge;
    return { code: 'overflow', reason, remedy };
  }
  const made: Made = {
    site,
    norm: norm.name,
    channels: site.channels,
    groups,
    epsilon: site.epsilon,
    form: form.name,
    scale,
    bias,
    init: norm.data === 'unused' ? FROM_SOURCE : init.name,
    notes: [
      ...(note === undefined ? [] : [note]),
      ...neighbourNotes(site),
      ...notes,
      ...notFolded(formSite, form, options, opset),
      ...(ending === undefined ? emptyNotes(formSite, form, options) : [`form ${form.name} ${ends(site)}`]),
      ...(exact === 0 ? [] : [`form ${form.name} instead of ${legal[0]?.name}: ${losing[0]}`]),
    ],
  };
  // Hardly any plan has one of these.
  if (more !== undefined) made.more = more;
  if (spare !== undefined && spare !== form) made.exactForm = spare.name;
  if (plain) made.plain = plain;
  return made;
}

/** What is chosen for all sites. */
type Choices = ReturnType<typeof choose>;

/** Why a site stays as it is. */
type Reason = Pick<Refusal, 'code' | 'reason' | 'remedy'>;

/** Notes at each site that shares its γ and β how many do. */
function withTiesTold(planned: readonly SitePlan[]): SitePlan[] {
  const places = new Map(tiesOf(planned).flatMap((members) => members.map((it) => [it, members.length] as const)));
  return planned.map((it) => {
    const count = places.get(it);
    return count === undefined
      ? it
      : { ...it, notes: [...it.notes, `γ and β are shared by ${count} sites, as in the source`] };
  });
}

const EXCLUDED: Reason = {
  code: 'excluded',
  reason: 'left out by --include or --exclude',
  remedy: 'Change the expression to include it',
};

const PLACEHOLDERS: Reason = {
  code: 'placeholder-statistics',
  reason:
    'it is in training mode and its running statistics are untrained (μ = 0, σ² = 1), so the source normalises with batch statistics',
  remedy: 'First estimate them from data with --to batch --calibrate DIR, then swap that model',
};

/** Whether the form is left to the plan: no form and no consumer is named. */
function isAuto({ form = 'auto', for: consumer }: PlanOptions): boolean {
  return form === 'auto' && consumer === undefined;
}

/** The init that is called `source` in a plan: numbers that follow from the source's, and from nothing else. */
const FROM_SOURCE = 'source';

/** What became, or may become, of the arithmetic around a site. */
function neighbourNotes({ neighbours, merged }: Site): string[] {
  const notes = merged === undefined ? [] : [`constant ${merged.join(', ')} merged into γ and β`];
  if (neighbours === undefined) return notes;
  const operators = neighbours.nodes.map(({ opType }) => opType).join(', ');
  return [...notes, `constant ${operators} before or after it can be merged into γ and β with --absorb-affine`];
}

/** The forms that are legal for a planned site, the chosen one first. */
export function legalForms(it: SitePlan, opset: number): Form[] {
  const site = formSiteOf(it);
  const { forms } = normNamed(it.norm);
  const legal = FORMS.filter(({ name, check }) => forms.includes(name) && check(site, opset) === undefined);
  return legal.sort((a, b) => Number(b.name === it.form) - Number(a.name === it.form));
}

/** What a form is told of a planned site. */
export function formSiteOf({ site, norm, groups, scale, bias, more, plain = false }: SitePlan): FormSite {
  return formSiteFor(site, { norm, groups, plain, scale, bias, more });
}

/** Written out, as all else that is known of a site would be copied for each of maybe 100,000. */
function formSiteFor(
  { input, output, elementType, shape, channels, epsilon, momentum, before }: Site,
  {
    norm,
    groups,
    plain,
    scale,
    bias,
    more,
  }: Pick<FormSite, 'norm' | 'groups' | 'plain' | 'scale' | 'bias' | 'more'> & {
    readonly plain: boolean;
  },
): FormSite {
  return {
    norm,
    input,
    output,
    elementType,
    shape,
    channels,
    groups,
    epsilon,
    scale,
    bias,
    more,
    plain,
    momentum,
    before,
  };
}

/** The type that a parameter of a planned site is stored in. */
export function storedType({ form, site }: Pick<SitePlan, 'form' | 'site'>, role: string): DataType {
  return typeIn(formNamed(form), site, role);
}

function typeIn({ keepsTypes, parameterType }: Form, site: Site, role: string): DataType {
  const { elementType, parameterTypes } = site;
  if (keepsTypes !== true) return parameterType?.(elementType) ?? elementType;
  return parameterTypes?.[role === 'scale' || role === 'bias' ? 'affine' : 'statistics'] ?? elementType;
}

/** The parameters of a planned site as the file must hold them: rounded to the types that they are stored in. */
export function storedNumbers(it: SitePlan): Affine & Pick<GroupedNorm, 'more'> {
  const rounded = (role: string, values: ArrayLike<number>) =>
    valuesOf(makeTensor(role, storedType(it, role), [values.length], values));
  const more = Object.entries(it.more ?? {}).map(([role, values]) => [role, rounded(role, values)]);
  return {
    scale: rounded('scale', it.scale),
    bias: rounded('bias', it.bias),
    ...(it.more === undefined ? {} : { more: Object.fromEntries(more) }),
  };
}

/** Why a norm that was to be folded was not; nothing where it was, or was not to be. */
function notFolded(site: FormSite, form: Form, options: PlanOptions, opset: number): string[] {
  if (options.fold !== true || form.name === 'fold') return [];
  return [`not folded: ${formNamed('fold').check(site, opset)}`];
}

function isChosen(name: string, { include = [], exclude = [] }: PlanOptions): boolean {
  // Not test(), which goes on from where a global expression matched last.
  const matches = (expression: RegExp) => name.search(expression) >= 0;
  return (include.length === 0 || include.some(matches)) && !exclude.some(matches);
}

/** The place of the first number that a type has no finite value for; −1 if there is none. */
function firstInfinite(type: DataType, values: ArrayLike<number>): number {
  // A tensor for each of 100,000 lists would take longer than all else here.
  if (type === DataType.FLOAT) {
    for (let index = 0; index < values.length; index++) {
      if (!Number.isFinite(Math.fround(values[index] as number))) return index;
    }
    return -1;
  }
  return valuesOf(makeTensor('', type, [values.length], values)).findIndex((value) => !Number.isFinite(value));
}

/** A channel that hardly varied has a large γ′, and 16-bit floats end at 65504. */
export function overflow(
  site: Site,
  { scale, bias, more }: Pick<GroupedNorm, 'scale' | 'bias' | 'more'>,
  form?: Form,
): [reason: string, remedy: string] | undefined {
  const given = { scale, bias, mean: more?.mean, variance: more?.variance };
  for (const role of ROLES) {
    const values = given[role];
    if (values === undefined) continue;
    const type = form === undefined ? site.elementType : typeIn(form, site, role);
    const channel = firstInfinite(type, values);
    if (channel < 0) continue;
    return [
      `its new ${LETTERS[role]} of channel ${channel} would be ${values[channel]?.toPrecision(3)}, which is out of range for ${dataTypeName(type)}`,
      'Use --init copy, or convert the model to float32',
    ];
  }
  return undefined;
}

const LETTERS = { scale: 'γ', bias: 'β', mean: 'μ', variance: 'σ²' } as const;
const ROLES = Object.keys(LETTERS) as readonly (keyof typeof LETTERS)[];
