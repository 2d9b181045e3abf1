/**
 * The weight gradient of a convolution: for each kernel position, the sum over all windows of (what lies under that position) ×
 * (what arrives at the window).
 *
 * 1. A 1×1 kernel: one product of the two maps.
 * 2. Windows that tile the input: one Transpose brings each position's values together.
 * 3. Depthwise: see depthwise.ts.
 * 4. Large maps of many channels: the values of each position by Slice, and a product for each.
 * 5. Other kernels: all positions of a channel joined by Concat, then one product, which is the gradient as it lies. With strides,
 *    positions are cut out of the input's phases.
 * 6. Very large kernels: a Conv with batch and channels exchanged, whose windows are the gradient.
 * The choices are measured (docs/measurements/gradients.md): (4) takes 0.5–0.85 of the time of (5) from 28×28 maps on, and 1.5 of it on 7×7;
 * (6) takes 1.4–2.4 times as long as the better of them.
 */
import { type GradientContext, sizeOf } from '../gradient-rule.ts';
import { depthwise } from './depthwise.ts';
import { paddedLarge, slicesOf, type Windows } from './windows.ts';

/** More kernel positions than this are not taken apart. */
const MOST_POSITIONS = 128;

/** From so many windows and channels on, one product a position is faster than one for all. */
const MANY_WINDOWS = 256;
const MANY_CHANNELS = 16;

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
  if (isDepthwise && positions > 1) return depthwise(g, it, dims);
  const length = sizeOf(smallDims.slice(2));
  const isLarge = length >= MANY_WINDOWS && inner / group >= MANY_CHANNELS && batch === 1 && group === 1;
  if (positions > 1 && isLarge && !tiles(it)) return byPosition(g, it, dims, length);
  const columnCount = (inner / group) * positions;
  const columns = columnsOf(g, it, batch, inner / group, length);
  const rows = g.op('Reshape', [it.small, g.ints([...lead(batch, group), outer / group, length])]);
  const isHeavy = outer * columnCount > (outer + columnCount) * length;
  const product =
    batch > 1 && group === 1 && isHeavy
      ? g.op('Gemm', [together(g, rows, batch, outer, length), together(g, columns, batch, columnCount, length)], {
          transB: 1,
        })
      : multiply(g, rows, columns, batch, group);
  return g.op('Reshape', [product, g.ints(dims)]);
}

/** Leading axes: of one sample and one group there are none, so that the product is a plain one. */
function lead(batch: number, group: number): number[] {
  return [...(batch === 1 ? [] : [batch]), ...(group === 1 ? [] : [group])];
}

/** [N, rows, L] as [rows, N·L]: where the weight is larger than the maps, one product of all samples instead of a sum of N products. */
function together(g: GradientContext, value: string, batch: number, rows: number, length: number): string {
  return g.op('Reshape', [g.op('Transpose', [value], { perm: [1, 0, 2] }), g.ints([rows, batch * length])]);
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

/** What lies under each kernel position: [N, G, C/G·K, windows]. */
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
  // Along the first axis of the map, the positions of a channel come to lie one behind the other.
  const joined = pieces.length === 1 ? (pieces[0] as string) : g.op('Concat', pieces, { axis: 2 });
  return g.op('Reshape', [joined, to]);
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
