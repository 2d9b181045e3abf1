/**
 * Which sizes of an input its first layer demands, where the file leaves them open, as exports with every axis dynamic do.
 *
 * 1. Conv and ConvTranspose: the rank of their weight, and the channels that it takes. BatchNormalization: its channels.
 * 2. Gemm and MatMul: the rows of their matrix, along the last axis of what they multiply.
 */
import { intAttribute } from '../onnx/attributes.ts';
import { constantNodeTensor } from '../onnx/constants.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { dimsOf } from '../onnx/tensor.ts';

/** What is known of an input. */
export interface Demand {
  readonly rank: number | undefined;
  /** From the end where it is negative. */
  readonly axis: number;
  readonly size: number;
}

/** By the input's name; the first layer that reads it counts. */
export function demandsOf({ proto: { graph } }: Model): Map<string, Demand> {
  const weights = new Map(graph.initializer.map((tensor) => [tensor.name, dimsOf(tensor)]));
  const inputs = new Set(graph.input.flatMap(({ name }) => (weights.has(name) ? [] : [name])));
  const demands = new Map<string, Demand>();
  for (const node of graph.node) {
    if (normalDomain(node.domain) !== '') continue;
    const constant = node.opType === 'Constant' ? constantNodeTensor(node) : undefined;
    if (constant !== undefined) weights.set(node.output[0] ?? '', dimsOf(constant));
    const x = node.input[0] ?? '';
    const weight = weights.get(node.input[1] ?? '');
    const demand = inputs.has(x) && !demands.has(x) && weight !== undefined ? demandOf(node, weight) : undefined;
    if (demand !== undefined) demands.set(x, demand);
  }
  return demands;
}

/** @param dims of what the node reads second */
function demandOf(node: NodeProto, dims: readonly number[]): Demand | undefined {
  const [first = 1, second = 1] = dims;
  switch (node.opType) {
    // (1)
    case 'Conv':
      return { rank: dims.length, axis: 1, size: second * intAttribute(node, 'group', 1) };
    case 'ConvTranspose':
      return { rank: dims.length, axis: 1, size: first };
    case 'BatchNormalization':
      return { rank: undefined, axis: 1, size: first };
    // (2)
    case 'Gemm':
      if (intAttribute(node, 'transA', 0) !== 0) return undefined;
      return { rank: 2, axis: 1, size: intAttribute(node, 'transB', 0) === 0 ? first : second };
    case 'MatMul':
      return dims.length === 2 ? { rank: undefined, axis: -1, size: first } : undefined;
    default:
      return undefined;
  }
}
