/** How many bytes the values of a model take at a time, when it is run node by node and values go with their last reader. */
import { readsWithin } from '../../graph/scope.ts';
import { bitsOf, DataType } from '../../onnx/data-type.ts';
import type { Model } from '../../onnx/model.ts';
import { nameAt } from '../../onnx/operands.ts';
import type { NodeProto } from '../../onnx/schema.ts';
import { elementCount, valuesOf } from '../../onnx/tensor.ts';
import { declaredType, UNKNOWN, type ValueType } from '../../onnx/value-type.ts';
import { inferFixed } from '../../operators/fixed-types.ts';

/** Lists of sizes are shorter. */
const LONGEST = 4096;

/**
 * Adds up what is alive at each node of a model whose sizes are all fixed.
 *
 * @returns the most that is alive at a time, without inputs and stored tensors
 */
export function peakOf(model: Model): number {
  const { graph } = model.proto;
  const types = typesOf(model);
  const last = new Map<string, number>();
  for (const [index, node] of graph.node.entries()) for (const name of readsWithin(node)) last.set(name, index);
  for (const { name } of graph.output) last.set(name, graph.node.length);
  const dying = new Map<number, string[]>();
  const bytes = new Map<string, number>();
  let [alive, most] = [0, 0];
  for (const [index, node] of graph.node.entries()) {
    for (const name of node.output) {
      if (name === '') continue;
      const size = bytesOf(types.get(name) ?? UNKNOWN) ?? largestInput(node, types);
      bytes.set(name, size);
      alive += size;
      const end = last.get(name) ?? index;
      dying.set(end, [...(dying.get(end) ?? []), name]);
    }
    most = Math.max(most, alive);
    for (const name of dying.get(index) ?? []) alive -= bytes.get(name) ?? 0;
  }
  return most;
}

/** Tells the types of all values of a model whose sizes are all fixed. */
export function typesOf({ proto: { graph }, home }: Model): ReadonlyMap<string, ValueType> {
  const types = new Map<string, ValueType>();
  const stored = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  for (const { name, dataType, dims } of graph.initializer)
    types.set(name, { elemType: dataType, shape: dims.map(Number) });
  for (const { name, type } of graph.input) types.set(name, declaredType(type) ?? UNKNOWN);
  const list = (name: string, type: DataType) => {
    const tensor = stored.get(name);
    const isList = tensor?.dataType === type && tensor.dims.length === 1 && elementCount(tensor) <= LONGEST;
    return tensor !== undefined && isList && elementCount(tensor) > 0 ? [...valuesOf(tensor, home.open)] : undefined;
  };
  for (const node of graph.node) {
    const found = inferFixed(node, {
      type: (index) => types.get(nameAt(node.input, index)) ?? UNKNOWN,
      ints: (index) => list(nameAt(node.input, index), DataType.INT64),
      floats: (index) => list(nameAt(node.input, index), DataType.FLOAT),
    });
    for (const [index, name] of node.output.entries()) types.set(name, found[index] ?? UNKNOWN);
  }
  return types;
}

function bytesOf({ elemType, shape }: ValueType): number | undefined {
  let count = (bitsOf(elemType ?? 0) ?? 32) / 8;
  for (const dim of shape ?? [undefined]) {
    if (dim === undefined) return undefined;
    count *= dim;
  }
  return count;
}

/** For a value whose size does not follow: as large as the largest that it is made of. */
function largestInput(node: NodeProto, types: ReadonlyMap<string, ValueType>): number {
  return Math.max(0, ...node.input.map((name) => bytesOf(types.get(name) ?? UNKNOWN) ?? 0));
}
