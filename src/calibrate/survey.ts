/**
 * What the source alone tells before anything is solved: how much memory a sample takes, whether samples can share a run where
 * the model states a fixed batch, and each site's statistics on a few samples, to choose its groups by.
 *
 * A norm's y is a line of its x, so x's means and variances are all the {@link STATISTICS} of both.
 */
import { defined } from '../defined.ts';
import { GnSwapError } from '../errors.ts';
import { inInferenceMode } from '../graph/inference-mode.ts';
import { batchOf, loadSamples, openBatch } from '../inputs/batch.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { sizeOf } from '../inputs/generated.ts';
import { blame, type Run, type RunLimits, runsFor, samplesByKey, WORTH_OPTIMIZING } from '../inputs/runs.ts';
import { valueSizes } from '../inputs/value-sizes.ts';
import type { KnownAnswers } from '../measure/known-answers.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { SitePlan } from '../plan/index.ts';
import { numbersIn, type Session, type Value, type Values, withSession } from '../runtime/session.ts';
import { Agreement } from './agreement.ts';
import type { SiteStatistics } from './statistics.ts';
import { Parts, surveyGraph } from './survey-graph.ts';

/** What {@link survey} looks for. */
export interface SurveyOptions extends RunLimits {
  /** Sites that can be solved; they tell whether samples are answered together as alone. Without any, no batch is opened. */
  readonly sites: readonly SitePlan[];
  /** Whether statistics of the sites are wanted. */
  readonly chooseGroups: boolean;
  /** The same samples read otherwise, of which statistics and the model's answers are wanted too; see {@link Survey.otherwise}. */
  readonly other?: Dataset | undefined;
  /** Answers of the model to keep: those to samples that are run anyway, and to `heldOut`, which nothing else is run on. */
  readonly answers?: KnownAnswers | undefined;
  readonly heldOut?: readonly number[] | undefined;
  /** Whether a batch of a stated size may be opened. True. */
  readonly opens?: boolean | undefined;
}

/** What came of samples that were read otherwise. */
export interface Otherwise {
  /** Of each site, over the same samples as {@link Survey.statistics}. */
  readonly statistics: ReadonlyMap<SitePlan, SiteStatistics>;
  /** How far the model's answers agree with those to the samples as given, at the output where they do least; `undefined` if none can be compared. */
  readonly agreement: number | undefined;
}

/** What was found. */
export interface Survey {
  /** As it was given. */
  readonly given: Model;
  /** The model, or the same with its batch open. */
  readonly model: Model;
  /** Bytes of all values of the source for one sample, by key; of keys that several samples have, or of the only one. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Of each site, over a few samples, where they were wanted. */
  readonly statistics: ReadonlyMap<SitePlan, SiteStatistics>;
  /** Absent if it was not wanted, and where the batch was opened: what comes behind the last site need not take another. */
  readonly otherwise?: Otherwise;
}

/** Samples that groups are chosen on; more changed no choice that mattered. */
export const GROUP_SAMPLES = 4;
/** Means that differ by less than this share of a standard deviation, and variances by this share, are the same. */
const ALIKE = 0.01;

/** @param samples that are to be solved on */
export async function survey(
  model: Model,
  data: Dataset,
  samples: readonly number[],
  options: SurveyOptions,
): Promise<Survey> {
  const { sites, chooseGroups, other, answers, heldOut = [], opens = true } = options;
  const byKey = [...samplesByKey(data, samples)];
  const several = byKey.filter(([, list]) => list.length > 1);
  const pass: Pass = {
    data,
    options,
    sites: chooseGroups ? sites : [],
    trains: sites.some(({ site }) => site.training),
    pair: [],
    firsts: (several.length > 0 ? several : byKey.slice(0, 1)).map(([key, [first]]) => [key, first as number]),
    chosen: chooseGroups ? spread(samples, GROUP_SAMPLES) : [],
  };
  const pair = several[0]?.[1].slice(0, 2);
  if (opens && batchOf(model).size !== undefined && sites.length > 0 && pair !== undefined) {
    const opened = await look(openBatch(model), { ...pass, sites, pair }).catch(refusal);
    if (opened !== undefined) return { ...opened, given: model };
  }
  const known = answers?.model === model && !pass.trains ? answers : undefined;
  return (await look(model, { ...pass, other, known, heldOut })) as Survey;
}

/** So many of a list, from all over it. */
export function spread(list: readonly number[], count: number): number[] {
  return list.filter(
    (_, index) => Math.floor(((index + 1) * count) / list.length) > Math.floor((index * count) / list.length),
  );
}

/** For the `catch` of a trial: a model that does not run with another batch, or on another size, is no error. */
export function refusal(error: unknown): undefined {
  if (error instanceof GnSwapError && (error.code === 'runtime-failed' || error.code === 'invalid-data')) return;
  throw error;
}

/** What to run on what. */
interface Pass {
  readonly data: Dataset;
  readonly options: RunLimits;
  /** Keys whose memory is wanted, and a sample of each. */
  readonly firsts: readonly (readonly [key: string, sample: number])[];
  /** Samples that statistics are wanted of. */
  readonly chosen: readonly number[];
  readonly sites: readonly SitePlan[];
  /** Whether a norm was left in training mode: its source is then told by running statistics, as everywhere. */
  readonly trains: boolean;
  /** Two samples that must be answered together as alone; none where that is not asked. */
  readonly pair: readonly number[];
  readonly other?: Dataset | undefined;
  readonly known?: KnownAnswers | undefined;
  readonly heldOut?: readonly number[];
}

/** @returns nothing where the pair is not answered together as each alone */
async function look(
  model: Model,
  { data, options: { memory }, firsts, chosen, sites, trains, pair, other, known, heldOut = [] }: Pass,
): Promise<Survey | undefined> {
  const { size } = batchOf(model);
  const load = ({ samples }: Run, from: Dataset = data) => loadSamples(model, from, samples);
  const alone = (sample: number): Run => ({ samples: new Array<number>(size ?? 1).fill(sample), count: 1 });
  const elements = new Map<string, number>();
  const unknown = new Set<string>();
  let latest: Values = {};
  for (const [key, sample] of firsts) {
    latest = await load(alone(sample));
    const sizes = valueSizes(model, latest);
    elements.set(key, sizes.elements);
    for (const name of sizes.unknown) unknown.add(name);
  }
  const width = sites.some(({ site }) => site.elementType === DataType.DOUBLE) ? 8 : 4;
  const bytesOf = (key: string) => Math.max(1, (width * (elements.get(key) ?? 0)) / (size ?? 1));
  const byKey = [...samplesByKey(data, chosen)];
  const keys = new Set([...firsts, ...byKey].map(([key]) => key));
  const statistics = new Map<SitePlan, SiteStatistics>();
  let isOpen = true;
  let otherwise: Otherwise | undefined;
  if (unknown.size > 0 || sites.length > 0 || other !== undefined) {
    const {
      model: graph,
      outputs,
      shapes,
    } = surveyGraph(trains ? inInferenceMode(model) : model, sites, [...unknown], {
      // Where all runs are alike; see calibrationGraph.
      inputs: keys.size === 1 ? latest : undefined,
      answers: other !== undefined || known !== undefined,
    });
    const work = async (session: Session) => {
      const answer = async (run: Run, from?: Dataset) => {
        latest = await load(run, from);
        return session.run(latest);
      };
      const partsOf = async (list: readonly Run[], also?: (run: Run, results: Values) => Promise<void>) => {
        const parts = new Parts(outputs);
        for (const run of list) {
          const results = await answer(run);
          parts.add(results, run);
          known?.add(results, run);
          await also?.(run, results);
        }
        return parts.joined();
      };
      for (const [key, sample] of shapes.length > 0 ? firsts : []) {
        const results = await answer(alone(sample));
        const more = shapes.reduce((sum, name) => sum + elementsIn(results[name] as Value), 0);
        elements.set(key, (elements.get(key) ?? 0) + more);
      }
      // Samples of unknown size are run one by one.
      const together = (key: string) => size ?? (unknown.size === 0 || elements.has(key) ? undefined : 1);
      const runs = byKey.flatMap(([key, list]) => runsFor(list, together(key), bytesOf(key), memory));
      const turned = new Parts(outputs);
      const agreement = new Agreement(model.proto.graph.output.map(({ name }) => name));
      const alsoOther = async (run: Run, results: Values) => {
        const answers = await answer(run, other);
        turned.add(answers, run);
        agreement.add(results, answers);
      };
      const found = await partsOf(runs, other && alsoOther);
      for (const [it, own] of found) statistics.set(it, own);
      if (other !== undefined) otherwise = { statistics: turned.joined(), agreement: agreement.least() };
      const rest = known?.missing(heldOut).filter((it) => elements.has(data.keyOf(it))) ?? [];
      for (const run of briefRuns(data, rest, bytesOf, size, memory)) known?.add(await answer(run), run);
      if (pair.length === 0) return;
      const each = await partsOf(pair.map(alone));
      const both = await answer({ samples: pair, count: pair.length });
      isOpen = [...outputs].every(([it, names]) => isAlike(both, names, each.get(it) as SiteStatistics));
    };
    await withSession(graph, work, { optimize: false, keepMemory: false, spin: 'briefly' }).catch((error: unknown) =>
      blame(model, latest)(error),
    );
  }
  const bytes = new Map(firsts.map(([key]) => [key, bytesOf(key)]));
  return isOpen ? { given: model, model, bytes, statistics, ...defined({ otherwise }) } : undefined;
}

/** Runs for samples, if they are so few that a graph for them alone would not be optimised either. */
function briefRuns(
  data: Dataset,
  samples: readonly number[],
  bytesOf: (key: string) => number,
  size: number | undefined,
  memory: number | undefined,
): Run[] {
  const bytes = samples.reduce((sum, it) => sum + bytesOf(data.keyOf(it)), 0);
  if (bytes > WORTH_OPTIMIZING) return [];
  return [...samplesByKey(data, samples)].flatMap(([key, list]) => runsFor(list, size, bytesOf(key), memory));
}

function elementsIn(shape: Value): number {
  return sizeOf({ dims: Array.from(numbersIn(shape)) });
}

/** Whether samples together have the statistics of each alone. */
function isAlike(results: Values, [mean = '', variance = '']: readonly string[], alone: SiteStatistics): boolean {
  const numbers = (name: string) => numbersIn(results[name]);
  const [means, variances] = [numbers(mean), numbers(variance)];
  if (means.length !== alone.meanX.length) return false;
  return alone.meanX.every((m, i) => {
    const v = alone.varianceX[i] as number;
    // Where there is no variance, what is left is rounding, which goes with the mean.
    const near = ALIKE * Math.sqrt(v) + 1e-5 * Math.abs(m);
    const differs = Math.abs((variances[i] as number) - v);
    return Math.abs((means[i] as number) - m) <= near && differs <= ALIKE * v + near * near;
  });
}
