/**
 * Nodes that ask no more of a value than its type or its sizes, which the file may tell: exporters spell constants with them.
 *
 * Shape(v) ⇒ Constant, where the sizes it takes are known; CastLike(a, v) ⇒ Cast(a), where the type of v is.
 */

import { intAttribute, makeNode } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';
import type { ValueType } from '../onnx/value-type.ts';

/** The node that does the same without reading the value; the node itself where there is none. */
export function settled(node: NodeProto, typeOf: (name: string) => ValueType): NodeProto {
  if (normalDomain(node.domain) !== '') return node;
  if (node.opType === 'Shape') return constantShape(node, typeOf(nameAt(node.input, 0)));
  if (node.opType === 'CastLike') return cast(node, typeOf(nameAt(node.input, 1)));
  return node;
}

function constantShape(node: NodeProto, { shape }: ValueType): NodeProto {
  if (shape === undefined) return node;
  // As of slice(): negative ones count from the end, and what is beyond is the end.
  const dims = shape.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', shape.length));
  if (!dims.every((dim) => dim !== undefined)) return node;
  return makeNode('Constant', [], node.output, node.name, {
    value: makeTensor('', DataType.INT64, [dims.length], dims),
  });
}

function cast(node: NodeProto, { elemType }: ValueType): NodeProto {
  return elemType === undefined
    ? node
    : makeNode('Cast', node.input.slice(0, 1), node.output, node.name, { to: elemType });
}
