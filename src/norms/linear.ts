/** The weight of a layer, channel by channel of its output: what norms compute that are multiplied into it. */
import type { Linear } from '../find/types.ts';

/** Tells the output channel of an element of the weight, by its index. */
export function channelOf({ view, reduced }: Pick<Linear, 'view' | 'reduced'>): (index: number) => number {
  // Of each axis: how far its neighbours are apart in the weight, its size, and how far in the channels.
  const axes: { stride: number; size: number; step: number }[] = [];
  let [stride, step] = [1, 1];
  for (let axis = view.length - 1; axis >= 0; axis--) {
    const size = view[axis] as number;
    if (!reduced.includes(axis)) {
      axes.push({ stride, size, step });
      step *= size;
    }
    stride *= size;
  }
  return (index) => axes.reduce((sum, it) => sum + (Math.floor(index / it.stride) % it.size) * it.step, 0);
}

/** s·w, one s a channel, in float64. */
export function scaledWeight(linear: Linear, scale: ArrayLike<number>): Float64Array {
  const weight = linear.valuesOf(linear.weight);
  const channel = channelOf(linear);
  for (let i = 0; i < weight.length; i++) weight[i] = (weight[i] as number) * (scale[channel(i)] as number);
  return weight;
}

/** s·b + t, one s and t a channel, in float64; b is 0 where the layer has none. */
export function scaledBias(
  { bias, biasFactor, valuesOf }: Linear,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
): Float64Array {
  const values = bias === undefined ? new Float64Array(1) : valuesOf(bias);
  return Float64Array.from(shift, (t, channel) => {
    const b = values[values.length === 1 ? 0 : channel] as number;
    return (scale[channel] as number) * biasFactor * b + t;
  });
}

/** Sums of squares between these keep float32's digits. */
const SUMMABLE = { least: 2 ** -80, most: 2 ** 120 } as const;

/**
 * w as lengths and directions: v/‖v‖ · ‖w‖ is w, channel by channel.
 *
 * @returns the weight itself as directions, but for channels whose squares float32 can't sum: those have their unit vector, and
 *   where they are 0, all ones
 */
export function directionsOf(linear: Linear): {
  readonly directions: Float64Array;
  readonly lengths: Float64Array;
  readonly changed: boolean;
} {
  const directions = linear.valuesOf(linear.weight);
  const channel = channelOf(linear);
  const channels = linear.view.reduce((all, dim, axis) => (linear.reduced.includes(axis) ? all : all * dim), 1);
  const largest = new Float64Array(channels);
  for (let i = 0; i < directions.length; i++) {
    const c = channel(i);
    largest[c] = Math.max(largest[c] as number, Math.abs(directions[i] as number));
  }
  // Relative to the largest, as the squares of float64 numbers may be out of range, too.
  const sums = new Float64Array(channels);
  for (let i = 0; i < directions.length; i++) {
    const c = channel(i);
    const size = largest[c] as number;
    sums[c] = (sums[c] as number) + (size === 0 ? 0 : ((directions[i] as number) / size) ** 2);
  }
  const lengths = largest.map((size, c) => size * Math.sqrt(sums[c] as number));
  const isFine = (length: number) => length ** 2 >= SUMMABLE.least && length ** 2 <= SUMMABLE.most;
  const changed = !lengths.every(isFine);
  for (let i = 0; changed && i < directions.length; i++) {
    const length = lengths[channel(i)] as number;
    if (!isFine(length)) directions[i] = length === 0 ? 1 : (directions[i] as number) / length;
  }
  return { directions, lengths, changed };
}
