/**
 * The nodes of many sites, built once for all that differ in names alone: a large graph has the same norm at 50,000 places.
 *
 * 1. A form is let build with gaps in place of the names of a site. If it asks for the site's numbers, or makes anything that a pattern
 *    can't hold, its sites are built one by one.
 * 2. A site gets the same names as if it was built by itself. Where a name of its folder is taken, it is.
 */
import type { Form, FormSite } from '../forms/types.ts';
import { storesMore } from '../onnx/attributes.ts';
import { Builder, type BuilderContext } from '../onnx/builder.ts';
import { isPlain } from '../onnx/encode-small.ts';
import { Names } from '../onnx/names.ts';
import { behindGap, gap, gapOf, NodePattern, NodeRun } from '../onnx/node-run.ts';
import { isSameList } from '../onnx/same-list.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { Shape } from '../onnx/value-type.ts';
import { formSiteOf, type SitePlan } from '../plan/index.ts';

/** The first names of each run; those of its parameters follow. */
const [PREFIX, INPUT, OUTPUT, FIRST_PARAMETER] = [0, 1, 2, 3] as const;

/** What the sites of a kind have in common. */
interface Stamp {
  readonly pattern: NodePattern;
  readonly parameters: readonly { readonly role: string; readonly dims: readonly number[] }[];
  /** What names of values, and of nodes, have behind the site's prefix. */
  readonly values: readonly string[];
  readonly nodes: readonly string[];
}

export class Stamps {
  /** `undefined` for a kind whose sites are built one by one. */
  readonly #known = new Map<string, Stamp | undefined>();
  #last: { readonly plan: SitePlan; readonly stamp: Stamp | undefined } | undefined;

  /**
   * The nodes of a site, if they can be had without building them.
   *
   * @param prefix of the names of its nodes and values
   */
  of(it: SitePlan, form: Form, prefix: string, context: BuilderContext): NodeRun | undefined {
    const { site } = it;
    if (form.takesIn === true || site.kept !== undefined) return undefined;
    const stamp = this.#stampOf(it, form, context);
    if (stamp === undefined) return undefined;
    const { values, nodes } = context;
    // (2)
    if (!values.isFree(prefix) || !nodes.isFree(prefix)) return undefined;
    values.takeAll(prefix, stamp.values);
    nodes.takeAll(prefix, stamp.nodes);
    const names = [prefix, site.input, site.output];
    for (const { role, dims } of stamp.parameters) names.push(context.parameter(role, dims));
    return new NodeRun(stamp.pattern, names);
  }

  #stampOf(it: SitePlan, form: Form, context: BuilderContext): Stamp | undefined {
    // Sites often come one after the other that are alike, and to spell a key takes longer than to compare.
    if (this.#last !== undefined && isAlike(this.#last.plan, it)) return this.#last.stamp;
    const key = keyOf(it);
    if (!this.#known.has(key)) this.#known.set(key, capture(it, form, context));
    const stamp = this.#known.get(key);
    this.#last = { plan: it, stamp };
    return stamp;
  }
}

/** All that a form may ask about a site, but for its names and numbers. Not as JSON, which takes three times as long. */
function keyOf({ site, form, norm, groups, channels, epsilon, plain }: SitePlan): string {
  const { elementType, shape, momentum } = site;
  return `${form} ${norm} ${elementType} ${shape} ${groups} ${channels} ${epsilon} ${plain} ${momentum}`;
}

/** Whether two sites have the same {@link keyOf}. */
function isAlike(a: SitePlan, b: SitePlan): boolean {
  const isSamePlan =
    a.form === b.form && a.norm === b.norm && a.groups === b.groups && a.channels === b.channels && a.plain === b.plain;
  if (!isSamePlan || a.epsilon !== b.epsilon || a.site.elementType !== b.site.elementType) return false;
  return a.site.momentum === b.site.momentum && isSameShape(a.site.shape, b.site.shape);
}

function isSameShape(a: Shape | undefined, b: Shape | undefined): boolean {
  return a === undefined || b === undefined ? a === b : isSameList(a, b);
}

/** (1) */
function capture(it: SitePlan, form: Form, { opset, constants }: BuilderContext): Stamp | undefined {
  const parameters: { role: string; dims: readonly number[] }[] = [];
  let isAlike = true;
  const individual = () => {
    isAlike = false;
  };
  const builder = new Builder(gap(PREFIX), {
    opset,
    constants,
    values: new Names([]),
    nodes: new Names([]),
    shared: () => {
      individual();
      return '';
    },
    parameter: (role, dims, given) => {
      if (given !== undefined) individual();
      return gap(FIRST_PARAMETER + parameters.push({ role, dims }) - 1);
    },
  });
  form.build(noticingNumbers({ ...formSiteOf(it), input: gap(INPUT), output: gap(OUTPUT) }, individual), builder);
  const { nodes } = builder;
  const [own, ofNodes] = [ownNames(nodes.flatMap(({ output }) => output)), ownNames(nodes.map(({ name }) => name))];
  const roles = new Set(parameters.map(({ role }) => role));
  const isFit = (name: string) => !name.includes('/') && !roles.has(name);
  if (!isAlike || !nodes.every(fits) || !own.every(isFit) || !ofNodes.every(isFit)) return undefined;
  return { pattern: new NodePattern(nodes), parameters, values: own, nodes: ofNodes };
}

/** The same site, which tells whether somebody asks for its numbers. */
export function noticingNumbers(site: FormSite, asked: () => void): FormSite {
  const noticing: FormSite = { ...site };
  for (const name of ['scale', 'bias', 'more', 'before'] as const) {
    Object.defineProperty(noticing, name, {
      get: () => {
        asked();
        return site[name];
      },
    });
  }
  return noticing;
}

/** Whether a pattern can hold a node: it stores no tensor, and is none of its graph's constants. */
function fits(node: NodeProto): boolean {
  const names = [...node.input, ...node.output, node.name];
  const isKnown = (name: string) => gapOf(name) >= 0 || !/[\0\\]/.test(name);
  return isPlain(node) && node.opType !== 'Constant' && !storesMore(node.attribute) && names.every(isKnown);
}

/** What those of the names have behind it that begin with the site's prefix. */
function ownNames(names: readonly string[]): string[] {
  return names.filter((name) => gapOf(name) === PREFIX).map((name) => behindGap(name).slice(1));
}
