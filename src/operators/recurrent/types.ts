/** LSTM, GRU and RNN: [T, directions, N, H] for all steps, [directions, N, H] of the last; with `layout` 1, N comes first. */
import { intAttribute, stringAttribute } from '../../onnx/attributes.ts';
import { forEach, type TypeRule } from '../type-rule.ts';

const recurrent: TypeRule = (node, { type }) => {
  const { elemType, shape } = type(0);
  const size = intAttribute(node, 'hidden_size', undefined) ?? type(2).shape?.[2];
  const directions = stringAttribute(node, 'direction') === 'bidirectional' ? 2 : 1;
  const isBatchFirst = intAttribute(node, 'layout', 0) === 1;
  const [steps, batch] = isBatchFirst ? [shape?.[1], shape?.[0]] : [shape?.[0], shape?.[1]];
  const all = isBatchFirst ? [batch, steps, directions, size] : [steps, directions, batch, size];
  const last = isBatchFirst ? [batch, directions, size] : [directions, batch, size];
  return node.output.map((_, index) => ({ elemType, shape: index === 0 ? all : last }));
};

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = forEach('LSTM GRU RNN', recurrent);
