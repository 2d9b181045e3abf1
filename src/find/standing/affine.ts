/** The affine map behind a normalised value, read from the graph. */

import type { GraphView, Parameter } from '../../graph/graph-view.ts';
import { intAttribute } from '../../onnx/attributes.ts';
import { nameAt } from '../../onnx/operands.ts';

/** γ and β, where they are, and the value that they lead to. */
export interface Affine {
  readonly scale: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly output: string;
  /** Whether a depthwise Conv holds them. */
  readonly inConv: boolean;
}

/** Follows Cast, Mul by [C] and Add of [C], or a 1×1 depthwise Conv, as far as each is the only reader of what is before it. */
export function affineAfter(value: string, channels: number, view: GraphView): Affine {
  const at = throughCast(value, view);
  const conv = view.soleReader(at, 'Conv');
  if (conv !== undefined && conv.input[0] === at && intAttribute(conv, 'group', 1) === channels) {
    const [scale, bias] = [
      view.parameter(nameAt(conv.input, 1), channels),
      view.parameter(nameAt(conv.input, 2), channels),
    ];
    if (scale !== undefined) return { scale, bias, output: nameAt(conv.output, 0), inConv: true };
  }
  const scaled = withConstant(at, 'Mul', channels, view);
  const before = scaled === undefined ? at : throughCast(scaled.output, view);
  const shifted = withConstant(before, 'Add', channels, view);
  const output = shifted?.output ?? scaled?.output ?? at;
  return { scale: scaled?.parameter, bias: shifted?.parameter, output, inConv: false };
}

/** The value behind a Cast, where one is its only reader. */
export function throughCast(value: string, view: GraphView): string {
  return view.soleReader(value, 'Cast')?.output[0] ?? value;
}

function withConstant(value: string, operator: string, channels: number, view: GraphView) {
  const node = view.soleReader(value, operator);
  const other = node?.input.find((name) => name !== value);
  const parameter = other === undefined ? undefined : view.parameter(other, channels);
  if (node === undefined || other === undefined || parameter === undefined) return undefined;
  if (!isPerChannel(view.dims(other), channels)) return undefined;
  return { parameter, output: nameAt(node.output, 0) };
}

/** [C, 1, …], with any ones before it; a [C] alone would be the last axis. Unknown dimensions are no reason against it. */
export function isPerChannel(dims: readonly number[] | undefined, channels: number): boolean {
  if (dims === undefined || channels === 1) return true;
  const at = dims.indexOf(channels);
  return at >= 0 && dims.every((dim, axis) => dim === 1 || axis === at) && (dims.length - at >= 2 || dims.length === 1);
}
