/**
 * The weight gradient of a depthwise convolution: each channel's kernel from its own two maps.
 *
 * 1. By rows, for maps of few rows: the product of the rows of both maps, at each shift along the rows, holds every pair of rows; a constant
 *    matrix of zeros and ones adds up those pairs that a kernel row joins. What arrives is shifted if it is wide, else the input. Only rows of
 *    the input itself are paired: those of zeros around it add nothing.
 * 2. For maps of more rows: the same for each block of some rows, and the sum of all blocks.
 * 3. For other ranks: a product and a sum for each kernel position.
 * CPU time on one thread, (3) first: 200 channels of 2×96, 5×5 kernel: 0.42 ms, 0.16; 192 of 20×20, 5×5: 1.09, 0.70; 384 of 10×10, 5×5: 0.78,
 * 0.45. (2) takes 0.4 to 0.85 of (3), and is as exact or up to ten times more so: docs/measurements/gradients.md. One Conv whose kernel is what arrives takes 0.7 to 3 times the time of (3).
 */
import type { GradientContext } from '../gradient-rule.ts';
import { reshapeTo } from '../shaping.ts';
import { paddedLarge, slicesOf, type Windows } from './windows.ts';

/** Maps of more rows than this have more pairs of rows than are worth it. */
const FEW_ROWS = 24;

/** About so many rows are in a block: 12 and 20 take up to a fifth longer, by map. */
const BLOCK_ROWS = 16;

/** The gradient, [C, 1, …kernel]. */
export function depthwise(g: GradientContext, it: Windows, dims: readonly number[]): string {
  const [, , rows = 0, width = 0] = it.smallDims;
  if (it.geometry.kernel.length !== 2) return byPosition(g, it, dims);
  if (rows > FEW_ROWS) return byBlocks(g, it, dims);
  const isWide = width >= 8 * rows && it.geometry.strides[1] === 1;
  return isWide ? smallShifted(g, it, dims) : largeShifted(g, it, dims);
}

/** (1) of wide maps: `small` with zeros on both sides, at each place that the kernel has it. */
function smallShifted(g: GradientContext, it: Windows, dims: readonly number[]): string {
  const { small, smallDims, geometry } = it;
  const [batch, channels, rows, width] = smallDims as [number, number, number, number];
  const { name, largeRows, largeWidth } = paddedColumns(g, it);
  const [kernelRows, shifts] = geometry.kernel as [number, number];
  const [, dilation] = geometry.dilations as [number, number];
  const pieces = Array.from({ length: shifts }, (_, at) => {
    const before = at * dilation;
    const after = largeWidth - width - before;
    return before === 0 && after === 0 ? small : g.op('Pad', [small, g.ints([0, 0, 0, before, 0, 0, 0, after])]);
  });
  const left = reshapeTo(g, name, [batch * channels, largeRows, largeWidth]);
  const right = reshapeTo(g, joined(g, pieces, 2), [batch * channels, shifts * rows, largeWidth]);
  // The longer side last: 0.09 ms for 2×10 rows of 200 channels, 0.12 for 10×2.
  const products = g.op('MatMul', [left, g.op('Transpose', [right], { perm: [0, 2, 1] })]);
  const pairs = reshapeTo(g, products, [batch * channels, largeRows * shifts * rows]);
  const positions = kernelRows * shifts;
  const matrix = joins(it, largeRows * shifts * rows, positions, (row, other, at, put) => {
    for (let shift = 0; shift < shifts; shift++) put((other * shifts + shift) * rows + row, at * shifts + shift);
  });
  const sums = g.op('MatMul', [pairs, g.tensor([largeRows * shifts * rows, positions], matrix)]);
  return reshapeTo(g, batch === 1 ? sums : overBatch(g, reshapeTo(g, sums, [batch, channels, positions])), dims);
}

/** (1) of other maps: the windows of `large` along its rows. */
function largeShifted(g: GradientContext, it: Windows, dims: readonly number[]): string {
  const { small, smallDims, geometry } = it;
  const [batch, channels, rows, width] = smallDims as [number, number, number, number];
  const { name, largeRows } = paddedColumns(g, it);
  const [kernelRows, shifts] = geometry.kernel as [number, number];
  const [, stride] = geometry.strides as [number, number];
  const [, dilation] = geometry.dilations as [number, number];
  const pieces = Array.from({ length: shifts }, (_, at) => {
    const start = at * dilation;
    const steps = stride === 1 ? [] : [g.ints([stride])];
    return g.op('Slice', [name, g.ints([start]), g.ints([start + stride * (width - 1) + 1]), g.ints([3]), ...steps]);
  });
  const left = reshapeTo(g, joined(g, pieces, 2), [batch * channels, shifts * largeRows, width]);
  const right = reshapeTo(g, small, [batch * channels, rows, width]);
  const products = g.op('MatMul', [left, g.op('Transpose', [right], { perm: [0, 2, 1] })]);
  const pairs = reshapeTo(g, products, [batch * channels * shifts, largeRows * rows]);
  const matrix = joins(it, largeRows * rows, kernelRows, (row, other, at, put) => put(other * rows + row, at));
  const sums = g.op('MatMul', [pairs, g.tensor([largeRows * rows, kernelRows], matrix)]);
  const apart = reshapeTo(g, sums, [batch, channels, shifts, kernelRows]);
  const whole = batch === 1 ? apart : overBatch(g, apart);
  return reshapeTo(g, g.op('Transpose', [whole], { perm: [0, 1, 3, 2] }), dims);
}

/** `large` with the zeros beside its rows, and none above and below. */
function paddedColumns(g: GradientContext, it: Windows) {
  const { geometry, largeDims, smallDims } = it;
  const alone = (each: readonly number[], otherwise: number) => [otherwise, each[1] as number];
  const columns = {
    kernel: alone(geometry.kernel, 1),
    strides: alone(geometry.strides, 1),
    dilations: alone(geometry.dilations, 1),
    padsBegin: alone(geometry.padsBegin, 0),
    padsEnd: alone(geometry.padsEnd, 0),
  };
  const largeRows = largeDims[2] as number;
  const [batch, channels, , width] = smallDims as [number, number, number, number];
  const { name, dims } = paddedLarge(g, {
    ...it,
    geometry: columns,
    smallDims: [batch, channels, largeRows, width],
  });
  return { name, largeRows, largeWidth: dims[3] as number };
}

/** One behind the other along an axis. */
function joined(g: GradientContext, pieces: readonly string[], axis: number): string {
  return pieces.length === 1 ? (pieces[0] as string) : g.op('Concat', pieces, { axis });
}

/** [N, …] → [1, …]. */
function overBatch(g: GradientContext, value: string): string {
  return g.op('ReduceSum', [value, g.ints([0])], { keepdims: 1 });
}

/**
 * A matrix of zeros, and ones where pairs of rows belong to a kernel position.
 *
 * @param each is called with a row of `small`, the row of `large` that it is joined with, and the kernel row that joins them
 */
function joins(
  { smallDims, largeDims, geometry }: Windows,
  pairs: number,
  columns: number,
  each: (row: number, other: number, at: number, put: (pair: number, column: number) => void) => void,
): Float32Array {
  const [rows, largeRows] = [smallDims[2] as number, largeDims[2] as number];
  const [count] = geometry.kernel as [number, number];
  const [stride] = geometry.strides as [number, number];
  const [dilation] = geometry.dilations as [number, number];
  const [before] = geometry.padsBegin as [number, number];
  const values = new Float32Array(pairs * columns);
  const put = (pair: number, column: number) => {
    values[pair * columns + column] = 1;
  };
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < count; at++) {
      const other = row * stride + at * dilation - before;
      if (other >= 0 && other < largeRows) each(row, other, at, put);
    }
  }
  return values;
}

/** (2): blocks of `small`, and of `large` what their windows see, which overlaps. With columns first, a shift along the rows is some of them. */
function byBlocks(g: GradientContext, it: Windows, dims: readonly number[]): string {
  const { geometry, smallDims } = it;
  const [batch, channels, rows, width] = smallDims as [number, number, number, number];
  const [kernelRows, shifts] = geometry.kernel as [number, number];
  const [stride, step] = geometry.strides as [number, number];
  const [dilation, spacing] = geometry.dilations as [number, number];
  const blocks = Math.round(rows / BLOCK_ROWS);
  const blockRows = Math.ceil(rows / blocks);
  const whole = [batch, channels, blocks * blockRows, width];
  const large = paddedLarge(g, { ...it, smallDims: whole });
  const seen = stride * (blockRows - 1) + dilation * (kernelRows - 1) + 1;
  const count = batch * channels * blocks;
  const added = blocks * blockRows - rows;
  const small = added === 0 ? it.small : g.op('Pad', [it.small, g.ints([0, 0, 0, 0, 0, 0, added, 0])]);
  const left = reshapeTo(g, small, [count, blockRows, width]);
  const places = Array.from({ length: blocks * seen }, (_, at) => {
    return Math.floor(at / seen) * blockRows * stride + (at % seen);
  });
  const overlapping = g.op('Gather', [large.name, g.ints(places)], { axis: 2 });
  const apart = reshapeTo(g, overlapping, [count, seen, large.dims[3] as number]);
  const columns = g.op('Transpose', [apart], { perm: [0, 2, 1] });
  const products = Array.from({ length: shifts }, (_, at) => {
    const [start, end] = [at * spacing, at * spacing + step * (width - 1) + 1];
    const steps = step === 1 ? [] : [g.ints([step])];
    return g.op('MatMul', [left, g.op('Slice', [columns, g.ints([start]), g.ints([end]), g.ints([1]), ...steps])]);
  });
  const pairs = reshapeTo(g, joined(g, products, 1), [count * shifts, blockRows * seen]);
  const block = { smallDims: [1, 1, blockRows, width], largeDims: [1, 1, seen, width] };
  const unpadded = { ...geometry, padsBegin: [0, 0] };
  const matrix = joins({ ...it, ...block, geometry: unpadded }, blockRows * seen, kernelRows, (row, other, at, put) =>
    put(row * seen + other, at),
  );
  const sums = g.op('MatMul', [pairs, g.tensor([blockRows * seen, kernelRows], matrix)]);
  const each = reshapeTo(g, sums, [batch, channels, blocks, shifts, kernelRows]);
  const all = g.op('ReduceSum', [each, g.ints([0, 2])], { keepdims: 0 });
  return reshapeTo(g, g.op('Transpose', [all], { perm: [0, 2, 1] }), dims);
}

/** (3). */
function byPosition(g: GradientContext, it: Windows, dims: readonly number[]): string {
  const axes = g.ints([0, ...it.geometry.kernel.map((_, axis) => axis + 2)]);
  const channels = dims[0] as number;
  const sums = slicesOf(g, it).map((piece) =>
    g.op('ReduceSum', [g.op('Mul', [piece, it.small]), axes], { keepdims: 0 }),
  );
  const apart = reshapeTo(g, g.op('Concat', sums, { axis: 0 }), [sums.length, channels]);
  return reshapeTo(g, g.op('Transpose', [apart], { perm: [1, 0] }), dims);
}
