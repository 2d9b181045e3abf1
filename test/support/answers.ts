/** Answers of models as values, for measures that compare them. */

import type { Answers } from '../../src/measure/tasks/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Value, Values } from '../../src/runtime/session.ts';

export const floats = (dims: readonly number[], numbers: ArrayLike<number>): Value => ({
  type: DataType.FLOAT,
  dims,
  data: Float32Array.from(numbers),
});

export const longs = (dims: readonly number[], numbers: readonly number[]): Value => ({
  type: DataType.INT64,
  dims,
  data: BigInt64Array.from(numbers, BigInt),
});

/** A picture of so many pixels, for measures that need to know its size. */
export const picture = (height: number, width: number): Values => ({
  x: floats([1, 3, height, width], new Float32Array(3 * height * width)),
});

export const answers = (source: Values, rewritten: Values, inputs: Values = picture(64, 64)): Answers => ({
  inputs,
  source,
  rewritten,
});
