/** Positions that an operator reads or writes at, for the cases of operators/index. */
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Case, Input } from './cases.ts';

/** What is read from, or written into. */
export const x = { dims: [4, 3, 5] };

/** Indices, the same in every run or fed. */
export const places = (dims: readonly number[], values: readonly number[], constant = true): Input => ({
  dims,
  values,
  type: DataType.INT64,
  constant,
});

/** A case with indices that are known, and the same with those that are computed in the run. */
export const both = (make: (constant: boolean) => Case): Case[] =>
  [true, false].map((constant) => {
    const made = make(constant);
    return { ...made, title: `${made.title}, ${constant ? 'known' : 'computed'}` };
  });

/** Gather from {@link x}, unless `more` says otherwise. */
export const gather = (
  title: string,
  axis: number,
  dims: number[],
  values: number[],
  more: Partial<Case> = {},
): Case[] =>
  both((constant) => ({
    title,
    op: 'Gather',
    inputs: [x, places(dims, values, constant)],
    attributes: { axis },
    ...more,
  }));
