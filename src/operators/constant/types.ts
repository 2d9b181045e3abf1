/** Operators that answer the same in every run, or tell sizes. */

import { attributeOf, intAttribute } from '../../onnx/attributes.ts';
import { constantNodeTensor } from '../../onnx/constant-node.ts';
import { DataType } from '../../onnx/data-type.ts';
import { dimsOf } from '../../onnx/tensor.ts';
import { type TypeRule, unknownDims } from '../type-rule.ts';

const constant: TypeRule = (node) => {
  const tensor = constantNodeTensor(node);
  return tensor === undefined ? [] : [{ elemType: tensor.dataType, shape: dimsOf(tensor) }];
};

const shapeOf: TypeRule = (node, { type }) => {
  const shape = type(0).shape;
  const part = shape?.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', undefined));
  return [{ elemType: DataType.INT64, shape: [part?.length] }];
};

/** https://onnx.ai/onnx/operators/onnx__ConstantOfShape.html */
const filled: TypeRule = (node, { type, ints }) => [
  {
    elemType: attributeOf(node, 'value')?.t?.dataType ?? DataType.FLOAT,
    shape: ints(0) ?? unknownDims(type(0).shape?.[0]),
  },
];

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = {
  Constant: constant,
  ConstantOfShape: filled,
  Shape: shapeOf,
};
