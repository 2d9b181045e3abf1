/** Products of matrices. */

import { intAttribute } from '../../onnx/attributes.ts';
import { broadcastShape, type TypeRule } from '../type-rule.ts';

const gemm: TypeRule = (node, { type }) => {
  const [a, b] = [type(0), type(1)];
  const rows = a.shape?.[intAttribute(node, 'transA', 0) ? 1 : 0];
  const columns = b.shape?.[intAttribute(node, 'transB', 0) ? 0 : 1];
  return [{ elemType: a.elemType ?? b.elemType, shape: [rows, columns] }];
};

const matMul: TypeRule = (_, { type }) => {
  const [a, b] = [type(0), type(1)];
  const elemType = a.elemType ?? b.elemType;
  if (a.shape === undefined || b.shape === undefined || a.shape.length < 2 || b.shape.length < 2) return [{ elemType }];
  const batch = broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)]) ?? [];
  return [{ elemType, shape: [...batch, a.shape.at(-2), b.shape.at(-1)] }];
};

/** Result types, by operator. */
export const TYPES: Readonly<Record<string, TypeRule>> = { Gemm: gemm, MatMul: matMul };
