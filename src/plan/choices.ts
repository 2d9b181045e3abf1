/** Options → the norm, init and forms that they choose, or what is wrong with them. */

import { GnSwapError } from '../errors.ts';
import { FORMS, formNamed } from '../forms/index.ts';
import type { Form } from '../forms/types.ts';
import { NORMS } from '../norms/index.ts';
import { INITS } from '../norms/inits/index.ts';
import type { Init } from '../norms/inits/types.ts';
import type { GroupOptions, Norm, NormOptions } from '../norms/types.ts';
import { type Consumer, consumerFor, formsFor as formsForConsumer } from './consumers.ts';

/** What a plan is decided by. */
export interface PlanOptions extends NormOptions {
  /** Name of a norm; default `group`. */
  readonly to?: string | undefined;
  /** Name of a form, or `auto`, the default: native where the opset has it, else reduce. */
  readonly form?: string | undefined;
  /** Name of a consumer, whose forms are taken instead of those of the norm; only with `form` absent or `auto`. */
  readonly for?: string | undefined;
  /** Name of an init; default `statistics`. */
  readonly init?: string | undefined;
  /** Whether a frozen norm is multiplied into the layer before it where it can be; default false. */
  readonly fold?: boolean | undefined;
  /** Only sites whose name matches one of these. */
  readonly include?: readonly RegExp[] | undefined;
  /** No site whose name matches one of these. */
  readonly exclude?: readonly RegExp[] | undefined;
}

/** What options choose. */
export interface Choices {
  readonly norm: Norm;
  readonly init: Init;
  /** In the order that they are tried; and the same for sites of float64. */
  readonly forms: readonly Form[];
  readonly ofFloat64: readonly Form[];
}

/**
 * @param opset of the standard domain
 * @throws GnSwapError `invalid-arguments` for an unknown norm, form, init or consumer, for options that don't go together, or
 *   a group count that is no positive integer; `unsupported-model` where the consumer does not read the opset
 */
export function choose(options: PlanOptions, opset: number): Choices {
  const norm = normFor(options.to);
  const init = initFor(norm, options.init);
  const forms = formsFor(norm, opset, options);
  const ofFloat64 = formsFor(norm, opset, options, true);
  checkCounts(norm, options);
  checkLimits(norm, options);
  return { norm, init, forms, ofFloat64 };
}

/**
 * The norm that `--to` names; default `group`.
 *
 * @throws GnSwapError `invalid-arguments` where there is none
 */
export function normFor(to = 'group'): Norm {
  return pick(NORMS, to, 'norm');
}

function pick<T extends { name: string }>(list: readonly T[], name: string, kind: string): T {
  const found = list.find((it) => it.name === name);
  if (found !== undefined) return found;
  throw new GnSwapError('invalid-arguments', `there is no ${kind} ${JSON.stringify(name)}`, {
    remedy: `Use one of ${list.map((it) => it.name).join(', ')}`,
  });
}

/** Forms in the order that they are tried. */
function formsFor(
  norm: Norm,
  opset: number,
  { form = 'auto', for: consumer, fold = false }: PlanOptions,
  ofFloat64 = false,
): Form[] {
  if (fold && (!norm.forms.includes('fold') || form !== 'auto')) {
    const given = form === 'auto' ? `--to ${norm.name}` : `--form ${form}`;
    throw new GnSwapError('invalid-arguments', `--fold and ${given} are both given`, {
      remedy: form === 'auto' ? 'Drop --fold, or use --to frozen' : 'Use only one of them',
      next: form === 'auto' ? { set: { to: 'frozen' } } : { drop: ['form'] },
    });
  }
  if (form === 'auto') {
    const reader = consumer === undefined ? undefined : consumerFor(consumer, opset);
    const names = reader === undefined ? norm.forms : formsForConsumer(reader, norm, ofFloat64);
    // A norm that can be folded is only where that is asked for.
    const wanted = [...(fold ? ['fold'] : []), ...names.filter((name) => name !== 'fold')];
    const trained = wanted.filter((name) => reader?.inert?.[name] === undefined);
    if (reader !== undefined && trained.length === 0) throw untrained(norm, reader, wanted[0] as string);
    return trained.map(formNamed);
  }
  const chosen = pick(FORMS, form, 'form');
  if (!norm.forms.includes(form)) {
    throw new GnSwapError('invalid-arguments', `--to ${norm.name} has no form ${form}`, {
      remedy: `Use one of ${norm.forms.join(', ')}`,
      // Which of them is legal depends on the file.
      next: { drop: ['form'] },
    });
  }
  if (consumer === undefined) return [chosen];
  throw new GnSwapError('invalid-arguments', `--form ${form} and --for ${consumer} are both given`, {
    remedy: 'Use only one of them',
    next: { drop: ['form'] },
  });
}

function untrained({ name, forms }: Norm, { name: consumer, reads, inert = {} }: Consumer, form: string): GnSwapError {
  return new GnSwapError('invalid-arguments', `--to ${name} would not train in ${reads}: ${inert[form]}`, {
    remedy: forms.includes('fold')
      ? 'Add --fold, which multiplies them into the layer before, whose weights train; or choose another norm'
      : `Choose --to group, layer or instance, or leave --for ${consumer} out`,
  });
}

function checkLimits({ name, forms }: Norm, { rMax, dMax }: NormOptions): void {
  if (forms.includes('renorm') || (rMax === undefined && dMax === undefined)) return;
  throw new GnSwapError('invalid-arguments', `--to ${name} has no --${rMax === undefined ? 'd' : 'r'}-max`, {
    remedy: 'Drop it, or use --to batch-renorm',
    next: { set: { to: 'batch-renorm' } },
  });
}

function initFor({ name, data }: Norm, init = 'statistics'): Init {
  const found = pick(INITS, init, 'init');
  if (data !== 'unused' || init === 'statistics') return found;
  throw new GnSwapError(
    'invalid-arguments',
    `--to ${name} takes its numbers from the source, so --init ${init} has no effect`,
    {
      remedy: 'Drop --init',
      next: { drop: ['init'] },
    },
  );
}

function checkCounts({ name: norm, freeGroups }: Norm, { groups, channelsPerGroup }: GroupOptions): void {
  const asked = typeof groups === 'string' ? groups !== 'auto' : (groups ?? channelsPerGroup) !== undefined;
  if (!freeGroups && asked) {
    throw new GnSwapError('invalid-arguments', `--to ${norm} has no choice of groups`, {
      remedy: 'Drop --groups and --channels-per-group, or use --to group',
      next: { drop: ['groups', 'channels-per-group'] },
    });
  }
  for (const [name, value] of Object.entries({ groups, 'channels-per-group': channelsPerGroup })) {
    if (value === undefined || value === 'auto' || value === 'paper') continue;
    if (!Number.isInteger(value) || value < 1 || value > 2 ** 31) {
      throw new GnSwapError('invalid-arguments', `--${name} is ${value}`, {
        remedy: name === 'groups' ? 'Use a positive whole number, auto or paper' : 'Use a positive whole number',
        next: { drop: [name] },
      });
    }
  }
  if (channelsPerGroup !== undefined && typeof groups === 'number') {
    throw new GnSwapError('invalid-arguments', 'both --groups and --channels-per-group are given', {
      remedy: 'Use only one of them',
      next: { drop: ['channels-per-group'] },
    });
  }
}
