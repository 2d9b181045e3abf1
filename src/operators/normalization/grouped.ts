/**
 * Norms over groups of channels: their spelling by means, and the gradient written on sums per channel.
 *
 * With m and v the mean and variance of a group of n numbers, r = 1/√(v+ε), d = x − m:
 *   y  = d·(γ r) + β
 *   b_c = Σ dy d and a_c = Σ dy, per sample and channel
 *   dγ = Σ_samples b r,  dβ = Σ_samples a
 *   dx = dy·(γ r) − d·(r³/n Σ_group γ b) − r/n Σ_group γ a
 * The sums over d and dy are all that touches the large tensor; what follows is per channel.
 * The variance is taken of d, not as a difference of squares: runtimes' own kernels do that and lose digits (docs/decisions.md).
 */
import type { GradientContext } from '../gradient-rule.ts';
import { sizeOf } from '../gradient-rule.ts';

/** A norm of x, [N, C, …], over `groups` groups of channels. */
export interface Grouped {
  readonly x: string;
  readonly dims: readonly number[];
  readonly groups: number;
  readonly epsilon: number;
  /** [C] or [groups], `''` for 1. */
  readonly scale: string;
  /** [C] or [groups], `''` for 0. */
  readonly bias: string;
  /** Whether the parameters are one a channel rather than one a group. */
  readonly perChannel: boolean;
}

/** [N, C, …] as [N, C, L]; every tensor of one number a channel is [N, C, 1]. */
function flatDims({ dims }: Grouped): number[] {
  return [dims[0] as number, dims[1] as number, sizeOf(dims.slice(2))];
}

/** One number a group, [N, C, 1] in and out: the mean of its channels, at each of them. */
function groupMean(g: GradientContext, it: Grouped, value: string): string {
  const [batch, channels] = flatDims(it) as [number, number];
  const each = channels / it.groups;
  if (each === 1) return value;
  const apart = g.op('Reshape', [value, g.ints([batch, it.groups, each])]);
  const mean = g.op('ReduceMean', [apart, g.ints([2])], { keepdims: 1 });
  if (it.groups === 1) return mean;
  return g.op('Reshape', [g.op('Expand', [mean, g.ints([batch, it.groups, each])]), g.ints([batch, channels, 1])]);
}

/** A parameter as [1, C, 1], which fits each sample. */
function perChannel(g: GradientContext, it: Grouped, parameter: string): string {
  const channels = it.dims[1] as number;
  if (it.perChannel) return g.op('Reshape', [parameter, g.ints([1, channels, 1])]);
  const apart = g.op('Reshape', [parameter, g.ints([it.groups, 1])]);
  return g.op('Reshape', [
    g.op('Expand', [apart, g.ints([it.groups, channels / it.groups])]),
    g.ints([1, channels, 1]),
  ]);
}

/** Writes the norm; keeps d, r and γ r. */
export function spellGrouped(g: GradientContext, it: Grouped, output: string): Record<string, string> {
  const length = flatDims(it)[2] as number;
  const flat = g.op('Reshape', [it.x, g.ints(flatDims(it))]);
  const mean = groupMean(g, it, g.op('ReduceMean', [flat, g.ints([2])], { keepdims: 1 }));
  const d = g.op('Sub', [flat, mean]);
  const squares = g.op('ReduceSumSquare', [d, g.ints([2])], { keepdims: 1 });
  const variance = groupMean(g, it, g.op('Mul', [squares, g.scalar(1 / length)]));
  const r = g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.scalar(it.epsilon)])])]);
  const factor = it.scale === '' ? r : g.op('Mul', [r, perChannel(g, it, it.scale)]);
  const scaled = g.op('Mul', [d, factor]);
  const shifted = it.bias === '' ? scaled : g.op('Add', [scaled, perChannel(g, it, it.bias)]);
  g.op('Reshape', [shifted, g.ints(it.dims)], {}, output);
  return { d, r, factor };
}

/** Gradients of x, γ and β, those that are wanted. */
export function groupedGradient(
  g: GradientContext,
  it: Grouped,
  dy: string,
  wants: { readonly x: boolean; readonly scale: boolean; readonly bias: boolean },
): (string | undefined)[] {
  const [d, r, factor] = [g.saved('d'), g.saved('r'), g.saved('factor')];
  const length = flatDims(it)[2] as number;
  const flat = g.op('Reshape', [dy, g.ints(flatDims(it))]);
  const sum = (value: string) => (length === 1 ? value : g.op('ReduceSum', [value, g.ints([2])], { keepdims: 1 }));
  const a = () => sum(flat);
  const b = () => sum(g.op('Mul', [flat, d]));
  const dx = () => {
    const inverse = g.scalar(1 / length);
    const meanA = groupMean(g, it, g.op('Mul', [g.op('Mul', [a(), factor]), inverse]));
    const meanB = groupMean(g, it, g.op('Mul', [g.op('Mul', [b(), factor]), inverse]));
    const slope = g.op('Mul', [meanB, g.op('Mul', [r, r])]);
    const straight = g.op('Sub', [g.op('Mul', [flat, factor]), g.op('Mul', [d, slope])]);
    return g.op('Reshape', [g.op('Sub', [straight, meanA]), g.ints(it.dims)]);
  };
  return [
    wants.x ? dx() : undefined,
    wants.scale ? parameterGradient(g, it, g.op('Mul', [b(), r])) : undefined,
    wants.bias ? parameterGradient(g, it, a()) : undefined,
  ];
}

/** [N, C, 1] summed over the samples, and over each group's channels if the parameter is one a group. */
function parameterGradient(g: GradientContext, it: Grouped, value: string): string {
  const [batch, channels] = flatDims(it) as [number, number];
  if (it.perChannel) {
    if (batch === 1) return g.op('Reshape', [value, g.ints([channels])]);
    return g.op('ReduceSum', [value, g.ints([0, 2])], { keepdims: 0 });
  }
  const apart = g.op('Reshape', [value, g.ints([batch, it.groups, channels / it.groups])]);
  return g.op('ReduceSum', [apart, g.ints([0, 2])], { keepdims: 0 });
}
