/** A norm found by its nodes → what verification checks a site by. */

import type { Parameter } from '../graph/graph-view.ts';
import type { Model } from '../onnx/model.ts';
import type { GraphProto } from '../onnx/schema.ts';
import { valuesOf } from '../onnx/tensor.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import type { CheckedSite } from './types.ts';

/**
 * @param graphs of the model, by where they hang
 * @param training whether the source normalised with statistics of its batch
 */
export function siteOf(
  { name, norm }: CheckedSite,
  model: Model,
  graphs: ReadonlyMap<string, GraphProto>,
  training: boolean,
): RewrittenSite {
  const { path, input, output, elementType, shape, channels, groups, epsilon, form, nodes } = norm;
  const numbers = (parameter: Parameter | undefined, otherwise: number) =>
    parameter === undefined ? new Float64Array(channels).fill(otherwise) : valuesOf(parameter.tensor, model.home.open);
  const [scale, bias] = [numbers(norm.scale, 1), numbers(norm.bias, 0)];
  // Nothing is known of what reaches it: standard normal numbers, where none can be fetched.
  const statistics = { scale, bias, mean: new Float64Array(channels), variance: new Float64Array(channels).fill(1) };
  const graph = graphs.get(path) ?? model.proto.graph;
  const [node] = nodes as [(typeof nodes)[number]];
  const site = {
    name,
    pattern: norm.recogniser,
    path,
    graph,
    node,
    input,
    output,
    elementType,
    shape,
    channels,
    epsilon,
    statistics,
    training,
  };
  return {
    plan: { site, norm: norm.norm, channels, groups, epsilon, form, init: '', notes: [], scale, bias },
    nodes,
    scale: norm.scale?.name ?? '',
    bias: norm.bias?.name ?? '',
  };
}
