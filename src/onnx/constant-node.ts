/** What a Constant node holds. */
import { DataType } from './data-type.ts';
import type { NodeProto, TensorProto } from './schema.ts';
import { makeTensor } from './tensor.ts';

/**
 * The tensor of a Constant node, from any of the attributes it may be given by.
 *
 * @param limit a list of more numbers is not made a tensor
 */
export function constantNodeTensor(node: NodeProto, limit = Number.POSITIVE_INFINITY): TensorProto | undefined {
  for (const { name, t, f, i, floats, ints } of node.attribute) {
    if (floats.length > limit || ints.length > limit) return undefined;
    if (name === 'value') return t;
    if (name === 'value_float') return makeTensor('', DataType.FLOAT, [], [f ?? 0]);
    if (name === 'value_floats') return makeTensor('', DataType.FLOAT, [floats.length], floats);
    if (name === 'value_int') return makeTensor('', DataType.INT64, [], [Number(i ?? 0)]);
    if (name === 'value_ints') return makeTensor('', DataType.INT64, [ints.length], ints.map(Number));
  }
  return undefined;
}
