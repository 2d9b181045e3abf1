/**
 * The weight gradient of a convolution: for each kernel position, the sum over all windows of (what lies under that position) ×
 * (what arrives at the window).
 *
 * 1. A 1×1 kernel: one product of the two maps.
 * 2. Windows that tile the input: one Transpose brings each position's values together.
 * 3. Depthwise: a product and a sum for each kernel position; with strides one Conv whose kernel is what arrives.
 * 4. Large maps of many channels: the values of each position by Slice, and a product for each.
 * 5. Other kernels: all positions joined by Concat, then one product. With strides, positions are cut out of the input's phases.
 * 6. Very large kernels: a Conv with batch and channels exchanged, whose windows are the gradient.
 * The choices are measured (docs/measurements/gradients.md): (4) takes 0.5–0.85 of the time of (5) from 28×28 maps on, and 1.5 of it on 7×7;
 * (6) takes 1.4–2.4 times as long as the better of them.
 */
import { type GradientContext, sizeOf } from '../gradient-rule.ts';
import type { Geometry } from './geometry.ts';

/** More kernel positions than this are not taken apart. */
const MOST_POSITIONS = 128;

/** From so many windows and channels on, one product a position is faster than one for all. */
const MANY_WINDOWS = 256;
const MANY_CHANNELS = 16;

/** What is convolved and what arrives, both [N, channels, …]. */
export interface Windows {
  readonly large: string;
  readonly largeDims: readonly number[];
  readonly small: string;
  readonly smallDims: readonly number[];
  readonly geometry: Geometry;
  readonly group: number;
}

/** The gradient, [channels of `small`, channels of `large` / groups, …kernel]. */
export function weightGradient(g: GradientContext, it: Windows): string {
  const { largeDims, smallDims, geometry, group } = it;
  const [batch, inner] = largeDims as [number, number];
  const outer = smallDims[1] as number;
  const { kernel } = geometry;
  const dims = [outer, inner / group, ...kernel];
  const positions = sizeOf(kernel);
  const isDepthwise = group === inner && group === outer;
  if (positions > MOST_POSITIONS && !tiles(it)) return exchanged(g, it, dims);
  if (isDepthwise && positions > 1) {
    return geometry.strides.some((stride) => stride > 1) ? depthwiseConv(g, it, dims) : depthwise(g, it, dims);
  }
  const length = sizeOf(smallDims.slice(2));
  const isLarge = length >= MANY_WINDOWS && inner / group >= MANY_CHANNELS && batch === 1 && group === 1;
  if (positions > 1 && isLarge && !tiles(it)) return byPosition(g, it, dims, length);
  const columns = columnsOf(g, it, batch, inner / group, length);
  const rows = g.op('Reshape', [it.small, g.ints([...lead(batch, group), outer / group, length])]);
  const product = multiply(g, rows, columns, batch, group);
  // [G, M/G, K·C/G] as [M, K, C/G] → [M, C/G, K].
  const inOrder = tiles(it) || positions === 1 || inner / group === 1;
  if (inOrder) return g.op('Reshape', [product, g.ints(dims)]);
  const apart = g.op('Reshape', [product, g.ints([outer, positions, inner / group])]);
  return g.op('Reshape', [g.op('Transpose', [apart], { perm: [0, 2, 1] }), g.ints(dims)]);
}

/** Leading axes: of one sample and one group there are none, so that the product is a plain one. */
function lead(batch: number, group: number): number[] {
  return [...(batch === 1 ? [] : [batch]), ...(group === 1 ? [] : [group])];
}

/** rows · columnsᵀ, summed over the batch. */
function multiply(g: GradientContext, rows: string, columns: string, batch: number, group: number): string {
  if (batch === 1 && group === 1) return g.op('Gemm', [rows, columns], { transB: 1 });
  const rank = lead(batch, group).length + 2;
  const perm = Array.from({ length: rank }, (_, axis) => axis);
  perm.push(...perm.splice(-2).reverse());
  const product = g.op('MatMul', [rows, g.op('Transpose', [columns], { perm })]);
  return batch === 1 ? product : g.op('ReduceSum', [product, g.ints([0])], { keepdims: 0 });
}

/** Whether the windows lie side by side and cover the input, as those of a patch embedding do. */
function tiles({ geometry, largeDims, smallDims }: Windows): boolean {
  const { kernel, strides, dilations, padsBegin } = geometry;
  return kernel.every(
    (size, axis) =>
      size === strides[axis] &&
      dilations[axis] === 1 &&
      padsBegin[axis] === 0 &&
      largeDims[axis + 2] === size * (smallDims[axis + 2] as number),
  );
}

/** What lies under each kernel position: [N, G, K·C/G, windows]; in (2) [N, G, C/G·K, windows]. */
function columnsOf(g: GradientContext, it: Windows, batch: number, channels: number, length: number): string {
  const { group, geometry, largeDims, smallDims } = it;
  const positions = sizeOf(geometry.kernel);
  const to = g.ints([...lead(batch, group), channels * positions, length]);
  if (positions > 1 && tiles(it)) {
    const { kernel } = geometry;
    const apart = [
      batch,
      largeDims[1] as number,
      ...kernel.flatMap((size, axis) => [smallDims[axis + 2] as number, size]),
    ];
    const inner = kernel.map((_, axis) => 3 + 2 * axis);
    const outer = kernel.map((_, axis) => 2 + 2 * axis);
    const split = g.op('Reshape', [it.large, g.ints(apart)]);
    return g.op('Reshape', [g.op('Transpose', [split], { perm: [0, 1, ...inner, ...outer] }), to]);
  }
  const pieces = slicesOf(g, it);
  if (pieces.length === 1) return g.op('Reshape', [pieces[0] as string, to]);
  if (group === 1) return g.op('Reshape', [g.op('Concat', pieces, { axis: 1 }), to]);
  const each = g.ints([...lead(batch, group), channels, length]);
  const apart = pieces.map((piece) => g.op('Reshape', [piece, each]));
  return g.op('Concat', apart, { axis: lead(batch, group).length });
}

/** The input as each kernel position sees it, in the order of the kernel: [N, C, …windows] each. */
function slicesOf(g: GradientContext, it: Windows): string[] {
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
function paddedLarge(g: GradientContext, { large, largeDims, smallDims, geometry }: Windows) {
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

/** (4). */
function byPosition(g: GradientContext, it: Windows, dims: readonly number[], length: number): string {
  const [outer, inner] = dims as [number, number];
  const rows = g.op('Reshape', [it.small, g.ints([outer, length])]);
  const products = slicesOf(g, it).map((piece) =>
    g.op('Gemm', [rows, g.op('Reshape', [piece, g.ints([inner, length])])], { transB: 1 }),
  );
  const apart = g.op('Reshape', [g.op('Concat', products, { axis: 0 }), g.ints([products.length, outer, inner])]);
  return g.op('Reshape', [g.op('Transpose', [apart], { perm: [1, 2, 0] }), g.ints(dims)]);
}

/** (3), with strides: each sample's channels as channels of one. */
function depthwiseConv(g: GradientContext, it: Windows, dims: readonly number[]): string {
  const { geometry, smallDims } = it;
  const { kernel, strides, dilations } = geometry;
  const channels = dims[0] as number;
  const batch = smallDims[0] as number;
  const padded = paddedLarge(g, it);
  const flat = (value: string, to: readonly number[]) => g.op('Reshape', [value, g.ints(to)]);
  const large = batch === 1 ? padded.name : flat(padded.name, [1, batch * channels, ...padded.dims.slice(2)]);
  const small = flat(it.small, [batch * channels, 1, ...smallDims.slice(2)]);
  const wide = g.op('Conv', [large, small], {
    strides: dilations,
    dilations: strides,
    kernel_shape: smallDims.slice(2),
    group: batch * channels,
  });
  const axes = kernel.map((_, axis) => axis + 2);
  const cut = g.op('Slice', [wide, g.ints(axes.map(() => 0)), g.ints(kernel), g.ints(axes)]);
  if (batch === 1) return flat(cut, dims);
  const apart = flat(cut, [batch, ...dims]);
  return g.op('ReduceSum', [apart, g.ints([0])], { keepdims: 0 });
}

/** (3). */
function depthwise(g: GradientContext, it: Windows, dims: readonly number[]): string {
  const axes = g.ints([0, ...it.geometry.kernel.map((_, axis) => axis + 2)]);
  const channels = dims[0] as number;
  const sums = slicesOf(g, it).map((piece) =>
    g.op('ReduceSum', [g.op('Mul', [piece, it.small]), axes], { keepdims: 0 }),
  );
  const apart = g.op('Reshape', [g.op('Concat', sums, { axis: 0 }), g.ints([sums.length, channels])]);
  return g.op('Reshape', [g.op('Transpose', [apart], { perm: [1, 0] }), g.ints(dims)]);
}

/** (6). Group by group: [C/G, N, …] convolved with [M/G, N, …] gives [C/G, M/G, …kernel]. */
function exchanged(g: GradientContext, it: Windows, dims: readonly number[]): string {
  const { geometry, group, smallDims } = it;
  const { kernel, strides, dilations } = geometry;
  const padded = paddedLarge(g, it);
  const rank = kernel.length;
  const perm = [1, 0, ...kernel.map((_, axis) => axis + 2)];
  const [large, small] = [padded.name, it.small].map((value) => g.op('Transpose', [value], { perm })) as [
    string,
    string,
  ];
  const parts = Array.from({ length: group }, (_, at) => {
    const part = (value: string, channels: number) =>
      group === 1
        ? value
        : g.op('Slice', [
            value,
            g.ints([(at * channels) / group]),
            g.ints([((at + 1) * channels) / group]),
            g.ints([0]),
          ]);
    const attributes = {
      strides: dilations,
      dilations: strides,
      pads: new Array<number>(2 * rank).fill(0),
      kernel_shape: smallDims.slice(2),
    };
    const product = g.op(
      'Conv',
      [part(large, padded.dims[1] as number), part(small, smallDims[1] as number)],
      attributes,
    );
    const axes = kernel.map((_, axis) => axis + 2);
    const cut = g.op('Slice', [product, g.ints(axes.map(() => 0)), g.ints(kernel), g.ints(axes)]);
    return g.op('Transpose', [cut], { perm });
  });
  return g.op('Reshape', [
    parts.length === 1 ? (parts[0] as string) : g.op('Concat', parts, { axis: 0 }),
    g.ints(dims),
  ]);
}
