/**
 * What the source alone tells before anything is solved: how much memory a sample takes, whether samples can share a run where
 * the model states a fixed batch, and each site's statistics on a few samples, to choose its groups by.
 *
 * A norm's y is a line of its x, so x's means and variances are all the {@link STATISTICS} of both.
 */
import { GnSwapError } from '../errors.ts';
import { batchOf, loadSamples, openBatch } from '../inputs/batch.ts';
import type { Dataset } from '../inputs/dataset.ts';
import { sizeOf } from '../inputs/generated.ts';
import { blame, ownRows, type Run, type RunLimits, runsFor, samplesByKey } from '../inputs/runs.ts';
import { valueSizes } from '../inputs/value-sizes.ts';
import { makeNode } from '../onnx/attributes.ts';
import { Builder, Constants } from '../onnx/builder.ts';
import { DataType, isHalf } from '../onnx/data-type.ts';
import { type Model, opsetVersion } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { SitePlan } from '../plan/index.ts';
import { numbersOf, type Session, type Value, type Values, withSession } from '../runtime/session.ts';
import { type StatisticsGraph, withOnly } from './graph.ts';
import { joinStatistics, type SiteStatistics } from './statistics.ts';

/** What {@link survey} looks for. */
export interface SurveyOptions extends RunLimits {
  /** Sites that can be solved; they tell whether samples are answered together as alone. Without any, no batch is opened. */
  readonly sites: readonly SitePlan[];
  /** Whether statistics of the sites are wanted. */
  readonly chooseGroups: boolean;
}

/** What was found. */
export interface Survey {
  /** The model, or the same with its batch open. */
  readonly model: Model;
  /** Bytes of all values of the source for one sample, by key; of keys that several samples have, or of the only one. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Of each site, over a few samples, where they were wanted. */
  readonly statistics: ReadonlyMap<SitePlan, SiteStatistics>;
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
  const { sites, chooseGroups } = options;
  const byKey = [...samplesByKey(data, samples)];
  const several = byKey.filter(([, list]) => list.length > 1);
  const pass: Pass = {
    data,
    options,
    sites: chooseGroups ? sites : [],
    pair: [],
    firsts: (several.length > 0 ? several : byKey.slice(0, 1)).map(([key, [first]]) => [key, first as number]),
    chosen: chooseGroups ? spread(samples, GROUP_SAMPLES) : [],
  };
  const pair = several[0]?.[1].slice(0, 2);
  if (batchOf(model).size !== undefined && sites.length > 0 && pair !== undefined) {
    const opened = await look(openBatch(model), { ...pass, sites, pair }).catch(refusal);
    if (opened !== undefined) return opened;
  }
  return (await look(model, pass)) as Survey;
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
  /** Two samples that must be answered together as alone; none where that is not asked. */
  readonly pair: readonly number[];
}

/** @returns nothing where the pair is not answered together as each alone */
async function look(
  model: Model,
  { data, options: { memory }, firsts, chosen, sites, pair }: Pass,
): Promise<Survey | undefined> {
  const { size } = batchOf(model);
  const load = ({ samples }: Run) => loadSamples(model, data, samples);
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
  // Samples of unknown size are run one by one.
  const together = size ?? (unknown.size > 0 ? 1 : undefined);
  const byKey = [...samplesByKey(data, chosen)];
  const runs = byKey.flatMap(([key, list]) => runsFor(list, together, bytesOf(key), memory));
  const statistics = new Map<SitePlan, SiteStatistics>();
  let isOpen = true;
  if (unknown.size > 0 || sites.length > 0) {
    // Where all runs are alike; see calibrationGraph.
    const isSized = byKey.length === 1 && pair.length === 0 && (together !== undefined || unknown.size === 0);
    const sized = isSized ? await load(runs[0] as Run) : undefined;
    const { model: graph, outputs, shapes } = surveyGraph(model, sites, [...unknown], sized);
    const work = async (session: Session) => {
      const answer = async (run: Run) => {
        latest = await load(run);
        return session.run(latest);
      };
      const partsOf = async (list: readonly Run[]) => {
        const parts = new Map(sites.map((it) => [it, [] as SiteStatistics[]]));
        for (const run of list) {
          const results = await answer(run);
          for (const [it, names] of outputs) parts.get(it)?.push(bothOf(results, it, names, run));
        }
        return new Map([...parts].map(([it, list]) => [it, joinStatistics(list)]));
      };
      for (const [key, sample] of shapes.length > 0 ? firsts : []) {
        const results = await answer(alone(sample));
        const more = shapes.reduce((sum, name) => sum + elementsIn(results[name] as Value), 0);
        elements.set(key, (elements.get(key) ?? 0) + more);
      }
      for (const [it, found] of await partsOf(runs)) statistics.set(it, found);
      if (pair.length === 0) return;
      const each = await partsOf(pair.map(alone));
      const both = await answer({ samples: pair, count: pair.length });
      isOpen = [...outputs].every(([it, names]) => isAlike(both, names, each.get(it) as SiteStatistics));
    };
    await withSession(graph, work, { optimize: false, keepMemory: false, spin: false }).catch((error: unknown) =>
      blame(model, latest)(error),
    );
  }
  const bytes = new Map(firsts.map(([key]) => [key, bytesOf(key)]));
  return isOpen ? { model, bytes, statistics } : undefined;
}

/** Outputs: mean and variance per sample and channel of what each site normalises, and shapes. */
function surveyGraph(
  model: Model,
  sites: readonly SitePlan[],
  unknown: readonly string[],
  inputs: Values | undefined,
): StatisticsGraph & { shapes: readonly string[] } {
  const { graph } = model.proto;
  const names = namesOf(graph);
  const constants = new Constants(names.values);
  const after = new Map<string, NodeProto[]>();
  const outputs = new Map<SitePlan, string[]>();
  for (const it of sites) {
    const { site, channels } = it;
    const context = { opset: opsetVersion(model.proto) ?? 0, ...names, constants, parameter: () => '' };
    const builder = new Builder(`gn_swap/survey/${site.name}`, context);
    const value = site.kept === undefined ? site.input : site.output;
    const x = isHalf(site.elementType) ? builder.cast('Wide', value, DataType.FLOAT) : value;
    const rows = builder.reshape('Rows', x, [0, channels, -1]);
    const mean = builder.mean('Mean', rows, 2);
    const difference = builder.node('Sub', 'Delta', [rows, mean]);
    const variance = builder.mean('Variance', builder.node('Mul', 'Square', [difference, difference]), 2);
    outputs.set(it, [mean, variance]);
    after.set(value, [...(after.get(value) ?? []), ...builder.nodes]);
  }
  const shapes = unknown.map((name) => {
    const shape = names.values.fresh(`gn_swap/shape/${name}`);
    after.set(name, [
      ...(after.get(name) ?? []),
      makeNode('Shape', [name], [shape], names.nodes.fresh('gn_swap/shape')),
    ]);
    return shape;
  });
  // Right after what they look at, so that it need not be kept.
  const behind = (produced: readonly string[]) => produced.flatMap((name) => after.get(name) ?? []);
  const node = [
    ...behind(graph.input.map(({ name }) => name)),
    ...graph.node.flatMap((it) => [it, ...behind(it.output)]),
  ];
  const initializer = [...graph.initializer, ...constants.tensors];
  const fields = { node, initializer, sparseInitializer: graph.sparseInitializer };
  return { model: withOnly(model, [...outputs.values(), shapes].flat(), fields, inputs), outputs, shapes };
}

function elementsIn(shape: Value): number {
  return sizeOf({ dims: Array.from(numbersOf(shape) ?? []) });
}

/** Statistics of x and y from x's means and variances. */
function bothOf(
  results: Values,
  { site, channels }: SitePlan,
  [mean = '', variance = '']: readonly string[],
  run: Run,
): SiteStatistics {
  const [meanX, varianceX] = [ownRows(results[mean], channels, run), ownRows(results[variance], channels, run)];
  if (site.kept !== undefined) return { meanX, varianceX, meanY: meanX, varianceY: varianceX, covariance: varianceX };
  const { scale, bias, mean: runningMean, variance: runningVariance } = site.statistics;
  const slope = scale.map((gamma, c) => {
    const deviation = Math.sqrt((runningVariance[c] as number) + site.epsilon);
    // As the init has it: with ε = 0, a channel that never varied has no slope.
    return deviation === 0 ? 0 : gamma / deviation;
  });
  const meanY = meanX.map((m, i) => {
    const c = i % channels;
    return (slope[c] as number) * (m - (runningMean[c] as number)) + (bias[c] as number);
  });
  const varianceY = varianceX.map((v, i) => (slope[i % channels] as number) ** 2 * v);
  const covariance = varianceX.map((v, i) => (slope[i % channels] as number) * v);
  return { meanX, varianceX, meanY, varianceY, covariance };
}

/** Whether samples together have the statistics of each alone. */
function isAlike(results: Values, [mean = '', variance = '']: readonly string[], alone: SiteStatistics): boolean {
  const numbers = (name: string) => numbersOf(results[name] as Value) ?? [];
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
