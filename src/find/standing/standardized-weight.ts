/** Weight w → ŵ = (w − m)/√(v + ε), read from the graph as `forms/standardized-weight.ts` spells it. */

import type { GraphView } from '../../graph/graph-view.ts';
import type { NodeProto } from '../../onnx/schema.ts';
import { meansOf } from './means.ts';

/** How a weight is standardized. */
export interface StandardizedWeight {
  /** w: what is trained. */
  readonly weight: string;
  /** Axes that m and v are taken over, ascending; of w as it is split by groups, where it is. */
  readonly axes: readonly number[];
  /** The nodes between w and ŵ, constants left out. */
  readonly nodes: readonly NodeProto[];
}

/** @returns `undefined` where the value is no standardized weight */
export function standardizedWeight(value: string, view: GraphView): StandardizedWeight | undefined {
  const quotient = view.maker(before(before(value, 'Cast', view), 'Reshape', view), 'Div');
  const difference = quotient?.input[0] ?? '';
  const stabilized = view.maker(view.maker(quotient?.input[1] ?? '', 'Sqrt')?.input[0] ?? '', 'Add');
  const variance = meansOf(stabilized?.input[0] ?? '', view);
  const epsilon = view.numbers(stabilized?.input[1] ?? '');
  const centred = view.maker(difference, 'Sub');
  const whole = centred?.input[0] ?? '';
  const mean = meansOf(centred?.input[1] ?? '', view, whole);
  const square = view.maker(variance?.of ?? '', 'Mul')?.input;
  if (mean === undefined || variance === undefined || epsilon?.length !== 1 || mean.of !== whole) return undefined;
  if (square?.[0] !== difference || square[1] !== difference) return undefined;
  const axes = [...mean.axes].sort((a, b) => a - b);
  if ([...variance.axes].sort((a, b) => a - b).join() !== axes.join()) return undefined;
  const weight = before(before(whole, 'Reshape', view), 'Cast', view);
  const nodes = view.between(weight, value);
  return nodes && { weight, axes, nodes };
}

/** What a node of this operator makes the value of; the value itself where none does. */
function before(value: string, operator: string, view: GraphView): string {
  return view.maker(value, operator)?.input[0] ?? value;
}
