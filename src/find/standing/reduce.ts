/**
 * d = x − mean(x);  v = mean(d·d);  y = d · γ/√(v + ε) + β
 *
 * Of gn-swap's form `reduce`, and of exporters that spell layer or instance norm over channels by ReduceMean.
 *
 * 1. The square is Mul(d, d), or Pow(d, 2).
 * 2. Both means are over the same axes and groups: every spatial axis, and the channels of a group, in two stages, or all
 *    channels as one more axis; or over the last axis of x reshaped to [0, G, −1]. Other axes, or unequal groups, are flaws.
 * 3. γ is divided by the root and multiplied with d, or d is divided by the root and multiplied with γ. γ is [C, 1, …]: one
 *    along the last axis is the layer norm of a transformer, and none of these.
 * 4. Casts of 16-bit values may stand around it.
 */

import type { GraphView, Parameter } from '../../graph/graph-view.ts';
import { calledBy, nameAt } from '../../onnx/operands.ts';
import type { NodeProto } from '../../onnx/schema.ts';
import { affineAfter, isPerChannel, throughCast } from './affine.ts';
import { inputOf, rowsIn } from './common.ts';
import { type Means, meansOf, namesOfMeans } from './means.ts';
import type { Flaw, Recognised, Recogniser } from './types.ts';

export const reduce: Recogniser = {
  name: 'reduce',
  summary: 'means and variances by ReduceMean',
  anchors: (node) => node.opType === 'Sqrt',
  recognise(node, view) {
    const stabilized = view.maker(nameAt(node.input, 0), 'Add');
    const [first = '', second = ''] = stabilized?.input ?? [];
    const epsilon = scalar(second, view) ?? scalar(first, view);
    const variance = meansOf(scalar(second, view) === undefined ? second : first, view);
    if (epsilon === undefined || variance === undefined) return undefined;
    // (1)
    const difference = squareRoot(variance.of, view);
    const subtract = difference === undefined ? undefined : view.maker(difference, 'Sub');
    const mean = meansOf(subtract?.input[1] ?? '', view, subtract?.input[0]);
    if (difference === undefined || mean === undefined || mean.of !== subtract?.input[0]) return undefined;
    const spelled = twoStage(node, difference, mean, view) ?? oneStage(node, difference, mean, view);
    if (spelled === undefined) return undefined;
    const flaws = [...spelled.flaws, ...unequal(mean, variance)];
    return { norm: 'group', form: 'reduce', epsilon, ...spelled, flaws };
  },
};

function scalar(value: string, view: GraphView): number | undefined {
  const numbers = view.numbers(value);
  return numbers?.length === 1 ? numbers[0] : undefined;
}

function squareRoot(square: string, view: GraphView): string | undefined {
  const product = view.maker(square, 'Mul');
  if (product !== undefined && product.input[0] === product.input[1]) return product.input[0];
  const power = view.maker(square, 'Pow');
  return power !== undefined && scalar(nameAt(power.input, 1), view) === 2 ? power.input[0] : undefined;
}

type Spelled = Omit<Recognised, 'norm' | 'form' | 'epsilon' | 'flaws'> & { readonly flaws: readonly Flaw[] };

/** γ/√(v + ε) in the small shape, or means of each channel or of all of them; x is never reshaped. */
function twoStage(root: NodeProto, difference: string, mean: Means, view: GraphView): Spelled | undefined {
  const affine = gainThenShift(root, difference, view) ?? quotientThenAffine(root, difference, mean.of, view);
  if (affine?.scale === undefined) return undefined;
  const input = inputOf(mean.of, affine.output, view);
  const channels = affine.channels;
  const rank = view.type(input).shape?.length ?? affine.rank;
  if (rank === undefined) return undefined;
  const axes = mean.axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
  const spatial = axes.filter((axis) => axis !== 1);
  const wanted = Array.from({ length: rank - 2 }, (_, index) => index + 2);
  const overChannels = axes.includes(1);
  // Neither spatial axes nor groups: not a norm of this kind at all.
  if (spatial.length === 0 && rank > 2) return undefined;
  const flaws: Flaw[] = [];
  if (spatial.join() !== wanted.join() || (overChannels && mean.groups !== undefined)) {
    const message = `its means are over the axes ${axes.join(', ')} instead of all spatial axes (${wanted.join(', ')})`;
    flaws.push({ what: 'axes', node: namesOfMeans(mean), message });
  }
  const groups = mean.groups ?? (overChannels ? 1 : channels);
  if (groups < 1 || channels % groups !== 0) return undefined;
  return { input, output: affine.output, channels, groups, scale: affine.scale, bias: affine.bias, rank, flaws };
}

interface Found {
  readonly scale: Parameter | undefined;
  readonly bias: Parameter | undefined;
  readonly output: string;
  readonly channels: number;
  /** Of x, as γ's dimensions say. */
  readonly rank: number | undefined;
}

/** (3) γ/√(v + ε), then d · that + β. */
function gainThenShift(root: NodeProto, difference: string, view: GraphView): Found | undefined {
  const gain = view.soleReader(nameAt(root.output, 0), 'Div');
  const scaleName = gain?.input[0] ?? '';
  const scale = gain?.input[1] === root.output[0] ? view.parameter(scaleName) : undefined;
  const product = gain && view.soleReader(nameAt(gain.output, 0), 'Mul');
  if (scale === undefined || product === undefined || !product.input.includes(difference)) return undefined;
  const channels = view.numbers(scaleName)?.length ?? 0;
  const dims = view.dims(scaleName);
  if (!isPerChannel(dims, channels)) return undefined;
  const { bias, output, scale: another } = affineAfter(nameAt(product.output, 0), channels, view);
  if (another !== undefined) return undefined;
  return { scale, bias, output, channels, rank: dims === undefined ? undefined : rankOf(dims, channels) };
}

/** [C, 1, …] is of x's rank but for the batch; [1, C, 1, …] is of x's rank. */
function rankOf(dims: readonly number[], channels: number): number {
  return dims[0] === channels && !(channels === 1 && dims.length > 1) ? dims.length + 1 : dims.length;
}

/** (3) d/√(v + ε), then · γ + β. */
function quotientThenAffine(root: NodeProto, difference: string, input: string, view: GraphView): Found | undefined {
  const quotient = view.soleReader(nameAt(root.output, 0), 'Div');
  const channels = view.type(input).shape?.[1];
  if (quotient?.input[0] !== difference || channels === undefined) return undefined;
  const { scale, bias, output } = affineAfter(nameAt(quotient.output, 0), channels, view);
  return { scale, bias, output, channels, rank: undefined };
}

/** (2) x reshaped to [0, G, −1]. */
function oneStage(root: NodeProto, difference: string, mean: Means, view: GraphView): Spelled | undefined {
  const grouped = view.maker(mean.of, 'Reshape');
  const groups = grouped && rowsIn(nameAt(grouped.input, 1), view);
  const quotient = view.soleReader(nameAt(root.output, 0), 'Div');
  const rows = quotient && view.soleReader(nameAt(quotient.output, 0), 'Reshape');
  const channels = rows && rowsIn(nameAt(rows.input, 1), view);
  if (grouped === undefined || groups === undefined || groups < 1 || quotient?.input[0] !== difference)
    return undefined;
  if (rows === undefined || channels === undefined || channels < 1 || channels % groups !== 0) return undefined;
  const { scale, bias, output } = affineAfter(nameAt(rows.output, 0), channels, view);
  const restore = view.soleReader(throughCast(output, view), 'Reshape');
  const input = inputOf(nameAt(grouped.input, 0), output, view);
  const flaws: Flaw[] = [];
  if (mean.axes.join() !== '2') {
    const message = `its means are over the axes ${mean.axes.join(', ')} of [N, G, −1] instead of the last one`;
    flaws.push({ what: 'axes', node: namesOfMeans(mean), message });
  }
  return { input, output: restore?.output[0] ?? output, channels, groups, scale, bias, flaws };
}

/** (2) */
function unequal(mean: Means, variance: Means): Flaw[] {
  const flaws: Flaw[] = [];
  const at = (means: Means) => calledBy(means.nodes[0] as NodeProto);
  if (mean.groups !== variance.groups) {
    const message = `the mean is taken over ${mean.groups ?? 'no'} groups and the variance over ${variance.groups ?? 'no'}`;
    flaws.push({ what: 'groups', node: at(variance), message });
  }
  const [a, b] = [mean, variance].map(({ axes }) => [...axes].sort().join(', '));
  if (a !== b)
    flaws.push({
      what: 'axes',
      node: namesOfMeans(variance),
      message: `the mean is over axes ${a}, the variance over ${b}`,
    });
  return flaws;
}
