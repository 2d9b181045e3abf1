/**
 * Gradient of RoiAlign (He et al., arXiv:1703.06870) by the feature map: regions of [N, C, H, W] read as [regions, C, rows, columns].
 *
 * Each cell is the mean of some points, and each point is read between four pixels. A point's weight for a pixel is a product of one number for
 * the row and one for the column, and so is the mean, and whether the point lies in the map. So with Wy [regions, rows, H] and Wx [regions, columns, W],
 * y[r] = Wy[r] · X[b(r)] · Wx[r]ᵀ, and dX[n] = Σ over the regions of picture n of Wy[r]ᵀ · dy[r] · Wx[r]: two products of matrices.
 *
 * 1. A point at −1 … size counts, held at the first and last pixel; others give 0.
 * 2. `sampling_ratio` 0 takes as many points along an axis as a cell has pixels, rounded up: each region its own number.
 * 3. Regions and numbers of pictures get no gradient, as in PyTorch.
 */
import { floatAttribute, intAttribute, stringAttribute } from '../../onnx/attributes.ts';
import { DataType } from '../../onnx/data-type.ts';
import { type Gradient, type GradientContext, linear } from '../gradient-rule.ts';
import { reshapeTo } from '../shaping.ts';

export const roiAlign: Gradient = {
  held: { inputs: [1, 2], what: 'regions' },
  ...linear((g, dy) => {
    const mode = stringAttribute(g.node, 'mode') ?? 'avg';
    if (mode !== 'avg') g.refuse(`its mode is ${mode}; avg has a gradient`);
    const [n, c, h, w] = g.dims(g.input(0)) as [number, number, number, number];
    const [, , rows, columns] = g.dims(g.output(0)) as [number, number, number, number];
    // [regions, rows · C, W], the number of regions left open.
    const across = g.op('MatMul', [
      reshapeTo(g, g.op('Transpose', [dy], { perm: [0, 2, 1, 3] }), [-1, rows * c, columns]),
      weights(g, { first: 0, size: w, cells: columns }),
    ]);
    const flat = reshapeTo(g, across, [-1, c * w]);
    const down = weights(g, { first: 1, size: h, cells: rows });
    const sums =
      n === 1
        ? g.op('Gemm', [reshapeTo(g, down, [-1, h]), flat], { transA: 1 })
        : g.op('MatMul', [g.op('Transpose', [byPicture(g, down, n, h)], { perm: [0, 2, 1] }), flat]);
    return [g.op('Transpose', [reshapeTo(g, sums, [n, h, c, w])], { perm: [0, 2, 1, 3] })];
  }),
};

/** One axis: which number of a region it starts at, pixels of the map, and cells. */
interface Axis {
  readonly first: 0 | 1;
  readonly size: number;
  readonly cells: number;
}

/** How much each cell takes of each pixel along an axis: [regions, cells, pixels]. */
function weights(g: GradientContext, axis: Axis): string {
  const { size, cells } = axis;
  const isHalf = (stringAttribute(g.node, 'coordinate_transformation_mode') ?? 'half_pixel') === 'half_pixel';
  const scale = g.scalar(floatAttribute(g.node, 'spatial_scale', 1));
  const edge = (at: number) => {
    // [regions, 1, 1]
    const given = g.op('Unsqueeze', [g.op('Gather', [g.input(1), g.ints([at])], { axis: 1 }), g.ints([2])]);
    const scaled = g.op('Mul', [given, scale]);
    return isHalf ? g.op('Sub', [scaled, g.scalar(0.5)]) : scaled;
  };
  const start = edge(axis.first);
  const given = g.op('Sub', [edge(axis.first + 2), start]);
  const cell = g.op('Div', [isHalf ? given : g.op('Max', [given, g.scalar(1)]), g.scalar(cells)]);
  const points = pointsOf(g, cell);
  const before = g.tensor([1, cells, 1], [...Array(cells).keys()]);
  const place = g.op('Add', [start, g.op('Mul', [g.op('Add', [before, points.at]), cell])]);
  // (1).
  const inside = g.op('And', [
    g.op('GreaterOrEqual', [place, g.scalar(-1)]),
    g.op('LessOrEqual', [place, g.scalar(size)]),
  ]);
  const share = g.op('Mul', [g.op('Cast', [inside], { to: g.type(g.input(0)) }), points.share]);
  const held = g.op('Unsqueeze', [g.op('Clip', [place, g.scalar(0), g.scalar(size - 1)]), g.ints([3])]);
  const distance = g.op('Abs', [g.op('Sub', [held, g.tensor([size], [...Array(size).keys()])])]);
  const near = g.op('Relu', [g.op('Sub', [g.scalar(1), distance])]);
  return g.op('ReduceSum', [g.op('Mul', [near, g.op('Unsqueeze', [share, g.ints([3])])]), g.ints([2])], {
    keepdims: 0,
  });
}

/** The points of a cell: where each lies in it, and how much it counts; both can be spread over [regions, cells, points]. */
function pointsOf(g: GradientContext, cell: string): { readonly at: string; readonly share: string } {
  const ratio = intAttribute(g.node, 'sampling_ratio', 0);
  if (ratio > 0) {
    const at = Array.from({ length: ratio }, (_, index) => (index + 0.5) / ratio);
    return { at: g.tensor([1, 1, ratio], at), share: g.scalar(1 / ratio) };
  }
  // (2). As many as the region that has the most; where one has fewer, the rest counts 0. There may be no region.
  const count = g.op('Ceil', [cell]);
  const some = g.op('Max', [count, g.scalar(1)]);
  const most = g.op('ReduceMax', [g.op('Concat', [reshapeTo(g, some, [-1]), g.tensor([1], [1])], { axis: 0 })], {
    keepdims: 0,
  });
  const number = (value: number) => g.tensor([], [value], DataType.INT64);
  const range = g.op('Range', [number(0), g.op('Cast', [most], { to: DataType.INT64 }), number(1)]);
  const index = g.op('Cast', [range], { to: g.type(g.input(0)) });
  const counts = g.op('Cast', [g.op('Less', [index, count])], { to: g.type(g.input(0)) });
  return {
    at: g.op('Div', [g.op('Add', [index, g.scalar(0.5)]), some]),
    share: g.op('Div', [counts, some]),
  };
}

/** The weights of the regions of each picture, 0 for the others: [N, regions · rows, H]. */
function byPicture(g: GradientContext, weights: string, n: number, h: number): string {
  const pictures = g.tensor([n, 1], [...Array(n).keys()], DataType.INT64);
  const own = g.op('Cast', [g.op('Equal', [pictures, g.input(2)])], { to: g.type(g.input(0)) });
  return reshapeTo(g, g.op('Mul', [g.op('Unsqueeze', [own, g.ints([2, 3])]), weights]), [n, -1, h]);
}
