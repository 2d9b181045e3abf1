/** Operators that work element by element, with broadcasting. */
import { attributeOf, intAttribute } from '../../onnx/attributes.ts';
import { DataType } from '../../onnx/data-type.ts';
import { broadcastShape, forEach, sameAsFirst, type TypeRule } from '../type-rule.ts';

const broadcast: TypeRule = (node, { type }) => {
  // Before opset 7, `broadcast` fits the second input to the first, at an axis that it names.
  if (attributeOf(node, 'broadcast') !== undefined) return [type(0)];
  const types = node.input.map((_, index) => type(index));
  const elemType = types.find((it) => it.elemType !== undefined)?.elemType;
  return [{ elemType, shape: broadcastShape(types.map(({ shape }) => shape)) }];
};

const cast: TypeRule = (node, { type }) => [{ elemType: intAttribute(node, 'to', 0), shape: type(0).shape }];

/** Answers yes or no, for each position of what all inputs broadcast to. */
const answered: TypeRule = (node, { type }) => [
  { elemType: DataType.BOOL, shape: broadcastShape(node.input.map((_, index) => type(index).shape)) },
];

const chosen: TypeRule = (node, { type }) => [
  { elemType: type(1).elemType, shape: broadcastShape(node.input.map((_, index) => type(index).shape)) },
];

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = {
  ...forEach(
    'Abs Ceil Celu Clip Cos Dropout Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity LeakyRelu Log Mish Neg Reciprocal ' +
      'Relu Round Selu Sigmoid Sign Sin Softplus Softsign Sqrt Swish Tanh ThresholdedRelu',
    sameAsFirst,
  ),
  ...forEach('And Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual Not Or Xor', answered),
  ...forEach('Add Div Max Mean Min Mul PRelu Pow Sub Sum', broadcast),
  Cast: cast,
  Where: chosen,
};
