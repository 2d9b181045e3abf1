/** The graph of a survey: the source, with what is wanted of its sites told sample by sample; and how its answers are read. */
import { ownRows, type Run } from '../inputs/runs.ts';
import { makeNode } from '../onnx/attributes.ts';
import { Builder, Constants } from '../onnx/builder.ts';
import { DataType, isHalf } from '../onnx/data-type.ts';
import { type Model, opsetOf } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { SitePlan } from '../plan/index.ts';
import type { Values } from '../runtime/session.ts';
import { type StatisticsGraph, withOnly } from './graph.ts';
import { joinStatistics, type SiteStatistics } from './statistics.ts';

/**
 * Outputs: mean and variance per sample and channel of what each site normalises, shapes, and the model's own.
 *
 * @param settings `answers`: whether the model's own are wanted
 */
export function surveyGraph(
  model: Model,
  sites: readonly SitePlan[],
  unknown: readonly string[],
  { inputs, answers }: { readonly inputs: Values | undefined; readonly answers: boolean },
): StatisticsGraph & { shapes: readonly string[] } {
  const { graph } = model.proto;
  const names = namesOf(graph);
  const constants = new Constants(names.values);
  const after = new Map<string, NodeProto[]>();
  const outputs = new Map<SitePlan, string[]>();
  for (const it of sites) {
    const { site, channels } = it;
    const context = { opset: opsetOf(model), ...names, constants, parameter: () => '' };
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
  const own = answers ? graph.output.map(({ name }) => name) : [];
  return { model: withOnly(model, [...outputs.values(), shapes, own].flat(), fields, inputs), outputs, shapes };
}

/** Statistics of sites, run by run. */
export class Parts {
  readonly #outputs: StatisticsGraph['outputs'];
  readonly #parts: ReadonlyMap<SitePlan, SiteStatistics[]>;

  constructor(outputs: StatisticsGraph['outputs']) {
    this.#outputs = outputs;
    this.#parts = new Map([...outputs.keys()].map((it) => [it, []]));
  }

  add(results: Values, run: Run): void {
    for (const [it, names] of this.#outputs) this.#parts.get(it)?.push(bothOf(results, it, names, run));
  }

  joined(): ReadonlyMap<SitePlan, SiteStatistics> {
    return new Map([...this.#parts].map(([it, list]) => [it, joinStatistics(list)]));
  }
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
