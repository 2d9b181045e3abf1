/** Gradients of reductions. */
import { intAttribute } from '../../onnx/attributes.ts';
import { ends, type GradientContext, type Gradients, linear, smooth, wrapAxis } from '../gradient-rule.ts';
import { fixedInts, reshapeTo } from '../shaping.ts';

/** What a reduction's slope may use: x whole; y and dy with the reduced axes kept as 1. */
interface Reduced {
  readonly x: string;
  readonly y: string;
  readonly dy: string;
  /** How many elements make one of y. */
  readonly count: number;
  /** The reduced axes, as an input of Reduce operators. */
  readonly axes: string;
}

/** dx, or a smaller tensor that is the same all along the reduced axes. */
type Slope = (g: GradientContext, at: Reduced) => { readonly whole: string } | { readonly small: string };

const mul = (g: GradientContext, a: string, b: string) => g.op('Mul', [a, b]);
const whole = (value: string) => ({ whole: value });
const small = (value: string) => ({ small: value });

/** The largest (smallest) elements share the gradient. */
const extreme: Slope = (g, { x, y, dy, axes }) => {
  const mask = g.op('Cast', [g.op('Equal', [x, y])], { to: g.type(x) });
  const count = g.op('ReduceSum', [mask, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  return whole(mul(g, mask, g.op('Div', [dy, count])));
};

/**
 * y = Π x, so the slope is the product of the others: y/x, but for zeros. Where one factor is 0, only that one has a slope; where
 * several are, none has.
 */
const product: Slope = (g, { x, dy, axes }) => {
  const keep = { keepdims: 1, noop_with_empty_axes: 1 };
  const isZero = g.op('Equal', [x, g.scalar(0)]);
  const others = g.op('Where', [isZero, g.scalar(1), x]);
  const zeros = g.op('ReduceSum', [g.op('Cast', [isZero], { to: g.type(x) }), axes], keep);
  const own = g.op('Cast', [isZero], { to: g.type(x) });
  // Zeros among the others: all of them, less the element's own.
  const none = g.op('Equal', [g.op('Sub', [zeros, own]), g.scalar(0)]);
  const slope = g.op('Div', [mul(g, dy, g.op('ReduceProd', [others, axes], keep)), others]);
  return whole(g.op('Where', [none, slope, g.scalar(0)]));
};

const SLOPES: Readonly<Record<string, Slope>> = {
  ReduceSum: (_, { dy }) => small(dy),
  ReduceMean: (g, { dy, count }) => small(count === 1 ? dy : mul(g, dy, g.scalar(1 / count))),
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceProd: product,
  ReduceL1: (g, { x, dy }) => whole(mul(g, dy, g.op('Sign', [x]))),
  // At 0 the norm has no slope; 0 is in its subgradient, and 0/0 is not a number.
  ReduceL2: (g, { x, y, dy }) => {
    const safe = g.op('Where', [g.op('Equal', [y, g.scalar(0)]), g.scalar(1), y]);
    return whole(mul(g, x, g.op('Div', [dy, safe])));
  },
  ReduceLogSum: (g, { y, dy }) => small(mul(g, dy, g.op('Exp', [g.op('Neg', [y])]))),
  ReduceLogSumExp: (g, { x, y, dy }) => whole(mul(g, dy, g.op('Exp', [g.op('Sub', [x, y])]))),
  ReduceSumSquare: (g, { x, dy }) => whole(mul(g, x, mul(g, dy, g.scalar(2)))),
};

/** The axes that a node reduces, counted from the front. */
function axesOf(g: GradientContext, rank: number): number[] {
  const axes = fixedInts(g, 1, 'axes') ?? [];
  if (axes.length > 0) return axes.map((axis) => wrapAxis(axis, rank));
  return intAttribute(g.node, 'noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

function gradientOf(g: GradientContext, slope: Slope, dy: string): readonly (string | undefined)[] {
  const x = g.input(0);
  const dims = g.dims(x);
  const axes = axesOf(g, dims.length);
  const kept = dims.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  const isKept = g.dims(g.output(0)).length === dims.length;
  const keep = (value: string) => (isKept ? value : reshapeTo(g, value, kept));
  const count = axes.reduce((all, axis) => all * (dims[axis] as number), 1);
  const made = slope(g, {
    x,
    dy: keep(dy),
    count,
    axes: g.ints(axes),
    get y() {
      return keep(g.output(0));
    },
  });
  if ('whole' in made) return [made.whole];
  return [count === 1 ? made.small : g.op('Expand', [made.small, g.ints(dims)])];
}

const LINEAR = ['ReduceSum', 'ReduceMean'];

export const reduce: Gradients = {
  ...Object.fromEntries(
    Object.entries(SLOPES).map(([name, slope]) => [
      name,
      (LINEAR.includes(name) ? linear : smooth)((g, dy) => gradientOf(g, slope, dy)),
    ]),
  ),
  ArgMax: ends,
  ArgMin: ends,
};
