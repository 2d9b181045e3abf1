/**
 * What the source alone tells before anything is solved: how much memory a sample takes, whether samples can share a run where
 * the model states a fixed batch, and each site's statistics on a few samples, to choose its groups by.
 *
 * A norm's y is a line of its x, so x's means and variances are all the {@link STATISTICS} of both.
 */
import { GnSwapError } from '../errors.ts';
import { Builder, Constants } from '../forms/builder.ts';
import { makeNode } from '../onnx/attributes.ts';
import { DataType, isHalf } from '../onnx/data-type.ts';
import { type Model, opsetVersion } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { SitePlan } from '../plan.ts';
import { sizeOf } from '../verify/inputs.ts';
import type { Materialize } from '../verify/materialize.ts';
import { numbersOf, type Session, type Value, type Values, withSession } from '../verify/runtime.ts';
import { batchOf, loadSamples, openBatch } from './batch.ts';
import type { Dataset } from './dataset.ts';
import { type StatisticsGraph, withOnly } from './graph.ts';
import { blame, samplesByKey } from './runs.ts';
import { joinStatistics, type SiteStatistics } from './statistics.ts';
import { valueSizes } from './value-sizes.ts';

/** What {@link survey} looks for. */
export interface SurveyOptions {
  readonly materialize: Materialize;
  /** Sites that can be solved; they tell whether samples are answered together as alone. Without any, no batch is opened. */
  readonly sites: readonly SitePlan[];
  /** Whether statistics of the sites are wanted. */
  readonly chooseGroups: boolean;
}

/** What was found. */
export interface Survey {
  /** The model, or the same with its batch open. */
  readonly model: Model;
  /** Bytes of all values of the source for one sample, by key. */
  readonly bytes: ReadonlyMap<string, number>;
  /** Of each site, over a few samples, where they were wanted. */
  readonly statistics: ReadonlyMap<SitePlan, SiteStatistics>;
}

/** Samples that groups are chosen on; more changed no choice that mattered. */
const GROUP_SAMPLES = 8;
/** Means that differ by less than this share of a standard deviation, and variances by this share, are the same. */
const ALIKE = 0.01;

/** @param samples that are to be solved on */
export async function survey(
  model: Model,
  data: Dataset,
  samples: readonly number[],
  { materialize, sites, chooseGroups }: SurveyOptions,
): Promise<Survey> {
  const byKey = samplesByKey(data, samples);
  const chosen = chooseGroups ? spread(samples, GROUP_SAMPLES) : [];
  const firsts = new Map([...byKey].map(([key, list]) => [list[0] as number, key]));
  const pair = [...byKey.values()].find((list) => list.length > 1)?.slice(0, 2);
  const pass: Pass = { data, materialize, firsts, chosen, sites: chooseGroups ? sites : [], pair: [] };
  if (batchOf(model).size !== undefined && sites.length > 0 && pair !== undefined) {
    const opened = await look(openBatch(model), { ...pass, sites, pair }).catch(refusal);
    if (opened !== undefined) return opened;
  }
  return (await look(model, pass)) as Survey;
}

/** So many of a list, from all over it. */
function spread(list: readonly number[], count: number): number[] {
  return list.filter(
    (_, index) => Math.floor(((index + 1) * count) / list.length) > Math.floor((index * count) / list.length),
  );
}

/** A model that does not run with another batch is no error. */
function refusal(error: unknown): undefined {
  if (error instanceof GnSwapError && (error.code === 'runtime-failed' || error.code === 'invalid-data')) return;
  throw error;
}

/** What to run on what. */
interface Pass {
  readonly data: Dataset;
  readonly materialize: Materialize;
  /** The first sample of each key, and the key. */
  readonly firsts: ReadonlyMap<number, string>;
  /** Samples that statistics are wanted of. */
  readonly chosen: readonly number[];
  readonly sites: readonly SitePlan[];
  /** Two samples that must be answered together as alone; none where that is not asked. */
  readonly pair: readonly number[];
}

/** @returns nothing where the pair is not answered together as each alone */
async function look(
  model: Model,
  { data, materialize, firsts, chosen, sites, pair }: Pass,
): Promise<Survey | undefined> {
  const { size = 1 } = batchOf(model);
  const alone = (sample: number) => loadSamples(model, data, new Array<number>(size).fill(sample));
  const elements = new Map<string, number>();
  const unknown = new Set<string>();
  let sized: Values | undefined;
  let latest: Values = {};
  for (const [sample, key] of firsts) {
    const inputs = await alone(sample);
    latest = inputs;
    // Where all runs are alike; see calibrationGraph.
    if (firsts.size === 1 && pair.length === 0) sized = inputs;
    const sizes = valueSizes(model, inputs);
    elements.set(key, sizes.elements);
    for (const name of sizes.unknown) unknown.add(name);
  }
  const statistics = new Map<SitePlan, SiteStatistics>();
  let isOpen = true;
  if (unknown.size > 0 || sites.length > 0) {
    const { model: graph, outputs, shapes } = surveyGraph(model, sites, [...unknown], sized);
    const work = async (session: Session) => {
      const run = (inputs: Values) => {
        latest = inputs;
        return session.run(inputs);
      };
      const rows = new Map<number, Map<SitePlan, SiteStatistics>>();
      for (const sample of new Set([...firsts.keys(), ...chosen, ...pair])) {
        const results = await run(await alone(sample));
        const key = firsts.get(sample);
        for (const name of key === undefined ? [] : shapes) {
          elements.set(key as string, (elements.get(key as string) ?? 0) + elementsIn(results[name] as Value));
        }
        rows.set(sample, new Map([...outputs].map(([it, names]) => [it, firstRow(results, it, names)])));
      }
      const rowsOf = (it: SitePlan, list: readonly number[]) =>
        list.flatMap((sample) => rows.get(sample)?.get(it) ?? []);
      for (const it of outputs.keys()) statistics.set(it, joinStatistics(rowsOf(it, chosen)));
      if (pair.length === 0) return;
      const together = await run(await loadSamples(model, data, pair));
      isOpen = [...outputs].every(([it, names]) => isAlike(together, names, joinStatistics(rowsOf(it, pair))));
    };
    await withSession(materialize(graph), work, { optimize: false, keepMemory: false, spin: false }).catch(
      (error: unknown) => blame(model, latest, materialize)(error),
    );
  }
  const width = sites.some(({ site }) => site.elementType === DataType.DOUBLE) ? 8 : 4;
  const bytes = new Map([...elements].map(([key, count]) => [key, Math.max(1, (width * count) / size)]));
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

/** Statistics of the first entry of a batch. */
function firstRow(
  results: Values,
  { site, channels }: SitePlan,
  [mean = '', variance = '']: readonly string[],
): SiteStatistics {
  const row = (name: string) => new Float64Array(numbersOf(results[name] as Value) ?? []).subarray(0, channels);
  const [meanX, varianceX] = [row(mean), row(variance)];
  if (site.kept !== undefined) return { meanX, varianceX, meanY: meanX, varianceY: varianceX, covariance: varianceX };
  const { scale, bias, mean: runningMean, variance: runningVariance } = site.statistics;
  const slope = scale.map((gamma, c) => {
    const deviation = Math.sqrt((runningVariance[c] as number) + site.epsilon);
    // As the init has it: with ε = 0, a channel that never varied has no slope.
    return deviation === 0 ? 0 : gamma / deviation;
  });
  const meanY = slope.map((s, c) => s * ((meanX[c] as number) - (runningMean[c] as number)) + (bias[c] as number));
  const varianceY = slope.map((s, c) => s * s * (varianceX[c] as number));
  const covariance = slope.map((s, c) => s * (varianceX[c] as number));
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
