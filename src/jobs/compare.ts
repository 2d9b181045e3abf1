/** All norms on one model, side by side: what each keeps, what it costs, what trains. */

import { defined } from '../defined.ts';
import { GnSwapError } from '../errors.ts';
import type { Search } from '../find/index.ts';
import { NO_NORM } from '../find/types.ts';
import { asMeant } from '../inputs/as-meant.ts';
import type { Dataset } from '../inputs/dataset.ts';
import type { HeldOut } from '../measure/held-out.ts';
import { NORMS } from '../norms/index.ts';
import type { GroupOptions } from '../norms/types.ts';
import type { ByteSource } from '../onnx/bytes.ts';
import { type Model, sourceOf } from '../onnx/model.ts';
import type { PlanOptions } from '../plan/choices.ts';
import { planAll } from '../plan/refuse.ts';
import { findAllSites } from '../rewrite/merged-sites.ts';
import { rewriteAll } from '../rewrite/recorded.ts';
import type { Values } from '../runtime/session.ts';
import type { Job } from './job.ts';
import type { SwapOptions } from './options.ts';
import type { Compared } from './outcome.ts';
import { type JobData, measuredOn, solve } from './solve.ts';

export type { Compared } from './outcome.ts';

/** What {@link compareNorms} needs. */
export interface CompareOptions
  extends Pick<SwapOptions, 'include' | 'exclude' | 'seed' | 'memory' | 'tasks' | 'onProgress'> {
  readonly data: Dataset;
}

/** The counts of groups that are compared, where they may be chosen. */
const GROUPS = ['auto', 1, 8, 32, 'paper'] as const;

/** What of it is the model's or the norm's fault, and not the data's or the machine's. */
const REFUSALS = new Set(['invalid-arguments', 'nothing-to-swap', 'unsupported-model', 'refused', 'runtime-failed']);

/**
 * Compares all norms on a model that lives anywhere.
 *
 * @param given as read from its file
 * @throws GnSwapError as {@link compareNorms}
 */
export async function compareModel(
  job: Job,
  given: Model,
  options: SwapOptions,
  openData: (model: Model) => Promise<JobData>,
): Promise<void> {
  const model = asMeant(given, options);
  const search = await findAllSites(model, { ...options, run: true });
  job.lap('find');
  const { data, path, pictures, skipped } = await openData(model);
  const { include, exclude, seed, memory, tasks } = options;
  const source = sourceOf(given);
  const { onProgress } = job;
  job.draft.comparison = await compareNorms(search, source, {
    data,
    include,
    exclude,
    seed,
    memory,
    tasks,
    onProgress,
  });
  const { split } = await import('../calibrate/index.ts');
  const { solvedOn, heldOut } = split(data.count, seed ?? 0);
  const counts = { solvedOn: solvedOn.length, heldOut: heldOut.length };
  job.draft.comparedOn = defined({ path, pictures, skipped, seed: seed ?? 0, ...counts });
  job.lap('compare');
}

/**
 * Rewrites a model in memory with each norm in turn, solved from the data where it can be, and measures it on held-out inputs.
 *
 * @param source the file that was searched
 * @throws GnSwapError `nothing-to-swap` where no norm can stand anywhere, and what {@link solve} throws of data
 */
export async function compareNorms(search: Search, source: ByteSource, options: CompareOptions): Promise<Compared[]> {
  const candidates = NORMS.flatMap((norm) => {
    const counts: readonly GroupOptions['groups'][] = norm.freeGroups ? GROUPS : [undefined];
    return counts.map((groups) => ({ norm, groups }));
  });
  const subject = await inKernels(search, (inTypes) => subjectOf(search, inTypes, options));
  const rows: Compared[] = [];
  let first: GnSwapError | undefined;
  for (const [index, { norm, groups }] of candidates.entries()) {
    options.onProgress?.(`${norm.name}${groups === undefined ? '' : ` ${groups}`}`, index, candidates.length);
    const fixed = { norm: norm.name, groups: groups ?? null, atBatchOne: norm.atBatchOne };
    const { include, exclude } = options;
    const asked = { to: norm.name, groups, include, exclude };
    try {
      rows.push({
        ...fixed,
        ...(await measured(search, source, asked, norm.data !== 'unused', subject, options)),
        refused: null,
      });
    } catch (error) {
      if (!(error instanceof GnSwapError) || !REFUSALS.has(error.code)) throw error;
      first ??= error;
      const refused = { reason: error.message, remedy: error.remedy };
      rows.push({ ...fixed, sites: 0, left: 0, drift: [], kept: null, time: null, refused });
    }
  }
  if (first !== undefined && rows.every(({ refused }) => refused !== null)) throw first;
  return rows;
}

/** What every norm is compared with. */
interface Subject {
  /** The model, or its float32 twin where the runtime has no kernels for its type. */
  inTypes(model: Model): Model;
  readonly before: Model;
  readonly heldOut: HeldOut;
  /** One sample, or as many as the model takes at a time. */
  readonly alone: Values;
}

/** What is made of the model, or of its float32 twin where the runtime can't compute the model's type. */
async function inKernels<T>({ model }: Search, work: (inTypes: Subject['inTypes']) => Promise<T>): Promise<T> {
  const [{ isOutOfReach }, { float32Twin }, { lacksKernel }] = await Promise.all([
    import('../calibrate/twin.ts'),
    import('../graph/float32.ts'),
    import('../runtime/session.ts'),
  ]);
  if (isOutOfReach(model, [])) return work(float32Twin);
  return work((it) => it).catch((error: unknown) => {
    if (lacksKernel(error)) return work(float32Twin);
    throw error;
  });
}

async function subjectOf(
  { model }: Search,
  inTypes: Subject['inTypes'],
  { data, seed = 0, memory, tasks }: CompareOptions,
): Promise<Subject> {
  const [{ split }, { HeldOut }, { batchOf, loadSamples }, { inInferenceMode }, { defaultMemory }] = await Promise.all([
    import('../calibrate/index.ts'),
    import('../measure/held-out.ts'),
    import('../inputs/batch.ts'),
    import('../graph/inference-mode.ts'),
    import('../runtime/memory.ts'),
  ]);
  const before = inTypes(inInferenceMode(model));
  const samples = measuredOn(split(data.count, seed));
  const one = new Array<number>(batchOf(before).size ?? 1).fill(samples[0] ?? 0);
  return {
    inTypes,
    before,
    heldOut: await HeldOut.of(before, data, samples, { memory, tasks }, memory ?? defaultMemory()),
    alone: await loadSamples(before, data, one),
  };
}

async function measured(
  search: Search,
  source: ByteSource,
  asked: PlanOptions,
  solving: boolean,
  { inTypes, before, heldOut, alone }: Subject,
  { data, seed = 0, memory }: CompareOptions,
): Promise<Pick<Compared, 'sites' | 'left' | 'drift' | 'kept' | 'time'>> {
  const { timeModels } = await import('../measure/latency.ts');
  const options: SwapOptions = { ...asked, seed, memory };
  const planned = planAll(search, options);
  const plan = solving ? (await solve(search, planned, data, options)).plan : planned;
  const after = inTypes(rewriteAll(search, plan, source).model);
  const { drift, kept } = await heldOut.compare(before, after);
  const { timings } = await timeModels(
    [
      { name: 'source', model: () => before },
      { name: 'rewritten', model: () => after },
    ],
    alone,
  );
  const [own, other] = timings.map(({ median }) => median) as [number, number];
  const left = plan.refusals.filter(({ code }) => !NO_NORM.has(code) && code !== 'excluded').length;
  return { sites: plan.sites.length, left, drift, kept: kept.kept, time: other / own };
}
