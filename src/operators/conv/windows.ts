/** The windows of a convolution: what each kernel position sees of the input. */
import { type GradientContext, sizeOf } from '../gradient-rule.ts';
import type { Geometry } from './geometry.ts';

/** What is convolved and what arrives, both [N, channels, …]. */
export interface Windows {
  readonly large: string;
  readonly largeDims: readonly number[];
  readonly small: string;
  readonly smallDims: readonly number[];
  readonly geometry: Geometry;
  readonly group: number;
}

/** The input as each kernel position sees it, in the order of the kernel: [N, C, …windows] each. */
export function slicesOf(g: GradientContext, it: Windows): string[] {
  const { geometry, smallDims } = it;
  const { kernel, strides, dilations } = geometry;
  const padded = paddedLarge(g, it);
  const axes = g.ints(kernel.map((_, axis) => axis + 2));
  const isWhole = (start: readonly number[]) =>
    start.every((it, axis) => it === 0 && strides[axis] === 1 && padded.dims[axis + 2] === smallDims[axis + 2]);
  // A Slice with steps is slow: one for each phase of the strides, and plain ones of these.
  if (sizeOf(strides) > 1 && sizeOf(strides) < sizeOf(kernel)) return phasedSlices(g, it, padded.name);
  return indices(kernel).map((position) => {
    const start = position.map((at, axis) => at * (dilations[axis] as number));
    if (isWhole(start)) return padded.name;
    const end = start.map((at, axis) => at + (strides[axis] as number) * ((smallDims[axis + 2] as number) - 1) + 1);
    const steps = strides.every((stride) => stride === 1) ? [] : [g.ints(strides)];
    return g.op('Slice', [padded.name, g.ints(start), g.ints(end), axes, ...steps]);
  });
}

/** As {@link slicesOf}, out of the input's values at each offset modulo the strides. */
function phasedSlices(g: GradientContext, { geometry, smallDims }: Windows, padded: string): string[] {
  const { kernel, strides, dilations } = geometry;
  const axes = g.ints(kernel.map((_, axis) => axis + 2));
  return indices(kernel).map((position) => {
    const offset = position.map((at, axis) => at * (dilations[axis] as number));
    const phase = offset.map((it, axis) => it % (strides[axis] as number));
    const start = offset.map((it, axis) => Math.floor(it / (strides[axis] as number)));
    const own = g.op('Slice', [padded, g.ints(phase), g.ints(phase.map(() => END)), axes, g.ints(strides)]);
    const end = start.map((it, axis) => it + (smallDims[axis + 2] as number));
    return g.op('Slice', [own, g.ints(start), g.ints(end), axes]);
  });
}

/** Beyond the end of every axis. */
const END = 2 ** 31 - 1;

/** The input with its zeros around it; at the end no more of them than a window reaches. */
export function paddedLarge(g: GradientContext, { large, largeDims, smallDims, geometry }: Windows) {
  const { kernel, strides, dilations, padsBegin } = geometry;
  const spatial = largeDims.slice(2);
  const end = kernel.map((size, axis) => {
    const reach =
      (strides[axis] as number) * ((smallDims[axis + 2] as number) - 1) + (dilations[axis] as number) * (size - 1) + 1;
    return Math.max(0, reach - (padsBegin[axis] as number) - (spatial[axis] as number));
  });
  if ([...padsBegin, ...end].every((pad) => pad === 0)) return { name: large, dims: largeDims };
  const name = g.op('Pad', [large, g.ints([0, 0, ...padsBegin, 0, 0, ...end])]);
  const dims = spatial.map((size, axis) => size + (padsBegin[axis] as number) + (end[axis] as number));
  return { name, dims: [...largeDims.slice(0, 2), ...dims] };
}

/** Every position of a kernel, the last axis fastest. */
function indices(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (all, size) => all.flatMap((one) => Array.from({ length: size }, (_, at) => [...one, at])),
    [[]],
  );
}
