/** What a search found → a plan that leaves something to do, or why there is none. */
import { GnSwapError } from '../errors.ts';
import { countFoldedConv, type Search } from '../find/index.ts';
import { foldedWords, type SiteKind } from '../find/kinds.ts';
import { quantizedOf } from '../find/quantized.ts';
import { quantizedWords, UNQUANTIZE } from '../find/quantized-words.ts';
import { NO_NORM, type Refusal } from '../find/types.ts';
import { orphansOf } from '../graph/orphans.ts';
import { type Model, opsetOf } from '../onnx/model.ts';
import { calledBy } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { normFor, type PlanOptions } from './choices.ts';
import { consumerFor } from './consumers.ts';
import { type Plan, plan, type SitePlan } from './index.ts';
import { READERS } from './readers.ts';

/** {@link PlanOptions}, and what makes a whole job fail. */
export interface JobPlanOptions extends PlanOptions {
  /** Which places were looked for. Default `batchnorm`. */
  readonly sites?: SiteKind | undefined;
  /** Whether a site that can't be rewritten is an error; default false. */
  readonly strict?: boolean | undefined;
}

/** Whether G is settled: by the user, or by the norm. */
export function groupsAsked({ to, groups = 'auto', channelsPerGroup }: PlanOptions): boolean {
  return !normFor(to).freeGroups || groups !== 'auto' || channelsPerGroup !== undefined;
}

/**
 * Some norms are made from data alone, and nothing is known of a norm that was folded away, so γ and β can only be solved from
 * data.
 */
export function refuseWithoutData({ sites }: Search, { to }: PlanOptions): void {
  const { name, data } = normFor(to);
  if (data === 'required') {
    throw new GnSwapError('invalid-arguments', `--to ${name} is computed from data`, {
      remedy: 'Use --calibrate DIR with a few inputs',
      next: { set: { calibrate: 'DIR' } },
    });
  }
  const folded = sites.find(({ kept }) => kept !== undefined);
  if (folded === undefined) return;
  if (data === 'unused') {
    throw new GnSwapError(
      'invalid-arguments',
      `--to ${name} is computed from a BatchNormalization, and a folded one is no longer in the model`,
      {
        node: folded.name,
        remedy: 'Export the model without folding its norms, or use --to group --calibrate DIR',
        next: { set: { to: 'group', calibrate: 'DIR' }, drop: ['fold'] },
      },
    );
  }
  throw new GnSwapError('invalid-arguments', 'folded norms can only be rebuilt from data', {
    node: folded.name,
    remedy: 'Use --calibrate DIR with a few inputs',
    next: { set: { calibrate: 'DIR' } },
  });
}

const LOST = 'Use --calibrate DIR to solve γ and β from data, or export the model without folding its norms';

/**
 * Leaves out the sites that only data could tell, of norms whose numbers the exporter multiplied together: a swap without data
 * can still do the others.
 */
export function withoutLost(search: Search, { to }: PlanOptions): Search {
  if (normFor(to).data !== 'optional') return search;
  const lost = search.sites.filter(({ needsData, kept }) => needsData === true && kept === undefined);
  if (lost.length === 0) return search;
  const refusals = lost.map(({ name, path, node }): Refusal => {
    const reason = 'it is frozen as Mul and Add, so its μ and σ² are not in the file';
    return {
      name,
      path,
      op: node.opType,
      code: 'no-statistics',
      reason,
      remedy: LOST,
    };
  });
  const sites = search.sites.filter((site) => !lost.includes(site));
  return { ...search, sites, refusals: [...search.refusals, ...refusals] };
}

/**
 * Refuses data where there is nothing to solve from them.
 *
 * @throws GnSwapError `invalid-arguments`
 */
export function refuseUnusedData({ to }: PlanOptions): void {
  const { name, data } = normFor(to);
  if (data !== 'unused') return;
  throw new GnSwapError('invalid-arguments', `--to ${name} does not use calibration data`, {
    remedy: 'Drop --calibrate. To verify on real input, use --inputs FILE.npz',
    next: { drop: ['calibrate'] },
  });
}

/** {@link plan} for what a search found, be it nothing. */
export function planSearch({ model, sites, refusals, early }: Search, options: PlanOptions): Plan {
  const opset = opsetOf(model);
  const planned = plan(sites, opset, options, refusals);
  const consumer = options.for === undefined ? undefined : consumerFor(options.for, opset);
  const trains = consumer && READERS[consumer.name]?.trains(model, goneAfter(model, planned.sites));
  return {
    ...planned,
    early,
    quantized: quantizedOf(model),
    trains: consumer && trains && { ...trains, reader: consumer.reads },
  };
}

/** The nodes of a source that its rewrite does not have. */
function goneAfter({ proto: { graph } }: Model, sites: readonly SitePlan[]): ReadonlySet<NodeProto> {
  const replace = new Map(
    sites.flatMap(({ site: { node, kept, path, input } }) =>
      kept === undefined && path === '' ? [[node, [{ ...node, input: [input] }]] as const] : [],
    ),
  );
  const none = {
    prepend: new Map(),
    addInitializers: new Map(),
    redefined: new Set<string>(),
    listAsInput: () => false,
  };
  return new Set([...replace.keys(), ...orphansOf(graph, { replace, ...none }).nodes]);
}

/**
 * Refuses a model that its reader would not take.
 *
 * @throws GnSwapError `unsupported-model`
 */
function refuseUnread({ model }: Search, { sites }: Plan, { for: name }: PlanOptions): void {
  if (name === undefined) return;
  const consumer = consumerFor(name, opsetOf(model));
  const unread = READERS[consumer.name]?.unread(model, goneAfter(model, sites));
  if (unread === undefined) return;
  throw new GnSwapError('unsupported-model', `${consumer.reads} does not read it: ${unread.reason}`, {
    node: calledBy(unread.node),
    remedy: unread.remedy,
  });
}

/**
 * {@link planSearch}, which must leave something to do.
 *
 * @throws GnSwapError `nothing-to-swap` where no site can be rewritten, `refused` where one can't and that is not allowed
 */
export function planAll(search: Search, options: JobPlanOptions): Plan {
  const { model } = search;
  const planned = planSearch(search, options);
  const unwanted = planned.refusals.filter(({ code }) => code !== 'excluded' && !NO_NORM.has(code));
  const [first] = unwanted;
  if (options.strict === true && first !== undefined) {
    throw new GnSwapError('refused', `${unwanted.length} cannot be swapped, and --strict is set; ${first.reason}`, {
      node: first.name,
      remedy: first.remedy,
    });
  }
  if (planned.sites.length === 0) throw nothingToSwap(model, planned, options);
  refuseUnread(search, planned, options);
  return planned;
}

function nothingToSwap(model: Model, { refusals, quantized }: Plan, options: JobPlanOptions): GnSwapError {
  const { sites = 'batchnorm', to } = options;
  const norms = refusals.filter(({ code }) => !NO_NORM.has(code));
  const [first] = norms;
  if (first !== undefined) {
    const isOf = (operator: string) => norms.every(({ op }) => op === operator);
    const what = isOf('Add') ? 'frozen norm' : isOf('Conv') ? 'folded norm' : 'BatchNormalization node';
    const count = `${norms.length} ${what}${norms.length === 1 ? '' : 's'}`;
    return new GnSwapError('nothing-to-swap', `${count}, but none can be swapped: ${first.reason}`, {
      node: first.name,
      remedy: first.remedy,
    });
  }
  if (quantized !== undefined) {
    return new GnSwapError('nothing-to-swap', quantizedWords(quantized), { remedy: UNQUANTIZE });
  }
  const [last, ...others] = refusals.filter(({ code }) => code === 'last-axis');
  const ofWeights = refusals.filter(({ code }) => code === 'of-weights');
  const conv = refusals.length - (last === undefined ? 0 : 1 + others.length) - ofWeights.length;
  if (sites === 'folded' && conv === 0) {
    return new GnSwapError('nothing-to-swap', 'the model has no Conv that could have absorbed a norm', {
      remedy: 'Drop --sites to swap BatchNormalization nodes',
      next: { drop: ['sites'] },
    });
  }
  if (sites === 'folded') {
    return new GnSwapError('nothing-to-swap', `none of the ${conv} Conv layers appears to have absorbed a norm`, {
      remedy: 'List the reasons with gn-swap inspect MODEL --sites folded; --include REGEX selects Conv by name',
    });
  }
  const folded = countFoldedConv(model);
  const [weight] = ofWeights;
  if (folded === 0 && weight !== undefined) {
    const count = `${ofWeights.length} BatchNormalization node${ofWeights.length === 1 ? '' : 's'}`;
    return new GnSwapError('nothing-to-swap', `${count}, but none can be swapped: ${weight.reason}`, {
      node: weight.name,
      remedy: 'Train the file as it is: nothing in it depends on the batch',
    });
  }
  if (folded === 0 && last !== undefined) {
    const count = `${1 + others.length} frozen norm${others.length === 0 ? '' : 's'} along the last axis`;
    return new GnSwapError('nothing-to-swap', `0 BatchNormalization nodes; ${count}, and norms stand on axis 1`, {
      node: last.name,
      remedy: 'Export the model with channels first; if it is of Keras: docs/guide.md#keras-with-channels-last',
    });
  }
  const instead = folded === 0 ? '' : `; ${foldedWords(folded)}`;
  const { name, data } = normFor(to);
  if (folded > 0 && data !== 'optional') {
    return new GnSwapError('nothing-to-swap', `0 BatchNormalization nodes${instead}`, {
      remedy: `--to ${name} needs a BatchNormalization: export the model without folding its norms, or use --to group --sites folded --calibrate DIR`,
      next: { set: { to: 'group', sites: 'folded', calibrate: 'DIR' }, drop: ['fold'] },
    });
  }
  return new GnSwapError('nothing-to-swap', `0 BatchNormalization nodes${instead}`, {
    remedy:
      folded === 0
        ? 'Choose a model that contains BatchNormalization'
        : 'Use --sites folded --calibrate DIR, or export the model without folding its norms',
    ...(folded === 0 ? {} : { next: { set: { sites: 'folded', calibrate: 'DIR' } } }),
  });
}
