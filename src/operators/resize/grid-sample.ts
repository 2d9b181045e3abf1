/**
 * Gradient of GridSample on pictures: [N, C, H, W] read at [N, h, w, 2] positions.
 *
 * y = Σ over the corners around a position of weight × pixel, 0 outside. So
 * 1. a pixel gets dy × weight from every position that it is a corner of: ScatterElements, which adds;
 * 2. a position gets, along each axis, dy × the difference of the pixels on its two sides, summed over channels.
 */
import { intAttribute, stringAttribute } from '../../onnx/attributes.ts';
import { DataType } from '../../onnx/data-type.ts';
import { type GradientContext, smooth, wanted } from '../gradient-rule.ts';
import { reshapeTo, zerosOf } from '../shaping.ts';

/** One axis of the positions, in pixels, as [N, 1, P]. */
interface Axis {
  readonly place: string;
  /** Pixels that one unit of the grid is. */
  readonly scale: number;
  /** 1 where a small move of the grid moves the place, 0 where the border holds it; absent if it always moves. */
  readonly moves: string | undefined;
  readonly size: number;
}

/** A pixel beside every position: its number along an axis, how much it counts, and whether it is in the picture. */
interface Side {
  readonly at: string;
  readonly weight: string;
  readonly inside: string;
}

export const gridSample = smooth((g, dy) => {
  const [n, c, h, w] = pictureDims(g);
  const count = g
    .dims(g.input(1))
    .slice(1, -1)
    .reduce((product, dim) => product * dim, 1);
  const isNearest = modeOf(g) === 'nearest';
  const flat = reshapeTo(g, dy, [n, c, count]);
  const columns = axisOf(g, 0, w, [n, 1, count]);
  const rows = axisOf(g, 1, h, [n, 1, count]);
  const [xs, ys] = [columns, rows].map((axis) => (isNearest ? [nearest(g, axis)] : around(g, axis))) as [
    Side[],
    Side[],
  ];
  const corners = ys.flatMap((y) => xs.map((x) => ({ x, y, at: pixelOf(g, x, y, w) })));
  return wanted(
    g,
    () => pixels(g, flat, corners, [n, c, h, w], count),
    () => (isNearest ? undefined : grid(g, flat, corners, { columns, rows }, [n, c, h * w], count)),
  );
});

function modeOf(g: GradientContext): 'linear' | 'nearest' {
  const mode = stringAttribute(g.node, 'mode') ?? 'linear';
  if (mode === 'nearest') return mode;
  if (mode === 'linear' || mode === 'bilinear') return 'linear';
  return g.refuse(`its mode is ${mode}; linear and nearest have a gradient`);
}

function pictureDims(g: GradientContext): [number, number, number, number] {
  const dims = g.dims(g.input(0));
  if (dims.length !== 4) g.refuse(`it reads a volume of ${dims.length - 2} axes; pictures have a gradient`);
  return dims as [number, number, number, number];
}

/** The grid's numbers along one axis in pixels; −1 and 1 are the edges of the first and last pixel, or their centres. */
function axisOf(g: GradientContext, index: number, size: number, dims: readonly number[]): Axis {
  const padding = stringAttribute(g.node, 'padding_mode') ?? 'zeros';
  if (padding !== 'zeros' && padding !== 'border') {
    g.refuse(`its padding_mode is ${padding}; zeros and border have a gradient`);
  }
  const given = g.op('Gather', [g.input(1), g.tensor([], [index], DataType.INT64)], { axis: -1 });
  const isCentre = intAttribute(g.node, 'align_corners', 0) === 1;
  const scale = (isCentre ? size - 1 : size) / 2;
  const scaled = g.op('Mul', [reshapeTo(g, given, dims), g.scalar(scale)]);
  const place = g.op('Add', [scaled, g.scalar((size - 1) / 2)]);
  if (padding === 'zeros') return { place, scale, moves: undefined, size };
  const held = g.op('Clip', [place, g.scalar(0), g.scalar(size - 1)]);
  return { place: held, scale, moves: number(g, g.op('Equal', [held, place])), size };
}

function number(g: GradientContext, condition: string): string {
  return g.op('Cast', [condition], { to: g.type(g.input(0)) });
}

function side(g: GradientContext, { size }: Axis, at: string, weight: string): Side {
  const isInside = g.op('And', [
    g.op('GreaterOrEqual', [at, g.scalar(0)]),
    g.op('LessOrEqual', [at, g.scalar(size - 1)]),
  ]);
  return { at: g.op('Clip', [at, g.scalar(0), g.scalar(size - 1)]), weight, inside: number(g, isInside) };
}

/** The pixels before and after. */
function around(g: GradientContext, axis: Axis): Side[] {
  const low = g.op('Floor', [axis.place]);
  const after = g.op('Sub', [axis.place, low]);
  return [side(g, axis, low, g.op('Sub', [g.scalar(1), after])), side(g, axis, g.op('Add', [low, g.scalar(1)]), after)];
}

function nearest(g: GradientContext, axis: Axis): Side {
  return side(g, axis, g.op('Round', [axis.place]), g.scalar(1));
}

/** Number of the pixel in the flattened picture. */
function pixelOf(g: GradientContext, x: Side, y: Side, w: number): string {
  const number = g.op('Add', [g.op('Mul', [y.at, g.scalar(w)]), x.at]);
  return g.op('Cast', [number], { to: DataType.INT64 });
}

type Corner = { readonly x: Side; readonly y: Side; readonly at: string };

const inside = (g: GradientContext, { x, y }: Corner) => g.op('Mul', [x.inside, y.inside]);

/** (1). */
function pixels(
  g: GradientContext,
  dy: string,
  corners: readonly Corner[],
  [n, c, h, w]: readonly [number, number, number, number],
  count: number,
): string {
  const updates = corners.map((corner) => {
    const weight = g.op('Mul', [g.op('Mul', [corner.x.weight, corner.y.weight]), inside(g, corner)]);
    return g.op('Mul', [dy, weight]);
  });
  const places = corners.map(({ at }) => g.op('Expand', [at, g.ints([n, c, count])]));
  const join = (list: readonly string[]) =>
    list.length === 1 ? (list[0] as string) : g.op('Concat', list, { axis: 2 });
  const zeros = zerosOf(g, [n, c, h * w], g.type(g.input(0)));
  const sum = g.op('ScatterElements', [zeros, join(places), join(updates)], { axis: 2, reduction: 'add' });
  return reshapeTo(g, sum, [n, c, h, w]);
}

/** (2). */
function grid(
  g: GradientContext,
  dy: string,
  corners: readonly Corner[],
  { columns, rows }: { readonly columns: Axis; readonly rows: Axis },
  [n, c, size]: readonly [number, number, number],
  count: number,
): string {
  const picture = reshapeTo(g, g.input(0), [n, c, size]);
  const [a, b, d, e] = corners.map((corner) => {
    const read = g.op('GatherElements', [picture, g.op('Expand', [corner.at, g.ints([n, c, count])])], { axis: 2 });
    return g.op('Mul', [read, inside(g, corner)]);
  }) as [string, string, string, string];
  const [low, high] = [corners[0] as Corner, corners[3] as Corner];
  const between = (one: string, other: string, from: string, to: string, before: Side, after: Side) =>
    g.op('Add', [
      g.op('Mul', [g.op('Sub', [from, one]), before.weight]),
      g.op('Mul', [g.op('Sub', [to, other]), after.weight]),
    ]);
  const slope = (difference: string, axis: Axis) => {
    const sum = g.op('ReduceSum', [g.op('Mul', [dy, difference]), g.ints([1])], { keepdims: 1 });
    const scaled = g.op('Mul', [sum, g.scalar(axis.scale)]);
    return reshapeTo(g, axis.moves === undefined ? scaled : g.op('Mul', [scaled, axis.moves]), [n, count, 1]);
  };
  // a b are the pixels of the upper row, d e of the lower one.
  const dx = slope(between(a, d, b, e, low.y, high.y), columns);
  const dyAxis = slope(between(a, b, d, e, low.x, high.x), rows);
  return reshapeTo(g, g.op('Concat', [dx, dyAxis], { axis: 2 }), g.dims(g.input(1)));
}
