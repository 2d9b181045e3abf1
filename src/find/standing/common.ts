/** Small questions that several recognisers ask. */

import type { GraphView } from '../../graph/graph-view.ts';
import { isHalf } from '../../onnx/data-type.ts';

/** What ONNX assumes where the attribute is absent. */
export const DEFAULT_EPSILON = Math.fround(1e-5);

/** R of a Reshape to [N, R, …]: constant, or put together of the batch, R and the rest. */
export function rowsIn(target: string, view: GraphView): number | undefined {
  const constant = view.ints(target);
  if (constant !== undefined) return constant[1];
  return view.ints(view.maker(target, 'Concat')?.input[1] ?? '')?.[0];
}

/** The 16-bit value in front of the Cast that widens it. */
export function uncast(value: string, view: GraphView): string {
  const before = view.maker(value, 'Cast')?.input[0];
  return before !== undefined && isHalf(view.type(before).elemType ?? 0) ? before : value;
}

/** What a norm reads that normalises `value` and makes `output`: a Cast before it is its own where it narrows again. */
export function inputOf(value: string, output: string, view: GraphView): string {
  const { elemType } = view.type(output);
  return elemType === undefined || isHalf(elemType) ? uncast(value, view) : value;
}
