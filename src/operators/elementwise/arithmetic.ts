/** Gradients of arithmetic on several inputs that are broadcast to one shape. */
import { type GradientContext, type Gradients, linear, type OutputRule, smooth, wanted } from '../gradient-rule.ts';
import { above, below, masked, minus, product, type Slope, where } from './slope.ts';

/** The gradients of all inputs: each is written in the dimensions of the output, then summed to those of its input. */
function broadcast(slopes: (g: GradientContext) => readonly (Slope | undefined)[]): OutputRule {
  return (g, dy) => {
    const dims = g.dims(g.output(0));
    return slopes(g).map((slope, index) => {
      if (slope === undefined || !g.wants(index)) return undefined;
      return g.sumTo(slope(g, g.input(index), g.output(0), dy), dims, g.dims(g.input(index)));
    });
  };
}

const same: Slope = (_, __, ___, dy) => dy;

/** y = a/b. */
const divided: readonly Slope[] = [
  (g, _, __, dy) => g.op('Div', [dy, g.input(1)]),
  (g, b, y, dy) => g.op('Neg', [g.op('Div', [product(g, dy, y), b])]),
];

/** y = a − b·trunc(a/b), which is Mod of floats: ONNX has the other one, that of Python, for integers alone. */
const remainder: readonly Slope[] = [
  same,
  (g, b, _, dy) => {
    const quotient = g.op('Div', [g.input(0), b]);
    const whole = product(g, g.op('Sign', [quotient]), g.op('Floor', [g.op('Abs', [quotient])]));
    return g.op('Neg', [product(g, dy, whole)]);
  },
];

/** y = aᵇ. A constant b that is one number has a short form. */
function power(g: GradientContext): readonly Slope[] {
  const exponent = g.constant(g.input(1));
  const first = exponent?.values[0];
  const isOne = first !== undefined && exponent?.values.every((it) => it === first) && !g.wants(1);
  return [isOne ? (...at) => constantPower(first, ...at) : computedPower, exponentSlope];
}

function constantPower(
  b: number,
  ...[g, a, y, dy]: [number, ...Parameters<Slope>] extends [number, ...infer R] ? R : never
): string {
  if (b === 1) return dy;
  if (b === 2) return product(g, dy, product(g, a, 2));
  if (b === 3) return product(g, dy, product(g, product(g, a, a), 3));
  if (b === 0.5) return g.op('Div', [product(g, dy, 0.5), y]);
  if (b === -1) return g.op('Neg', [product(g, dy, product(g, y, y))]);
  // At b = 0 the slope is 0 for every a, and 0·a⁻¹ would not be at 0.
  if (b === 0) return product(g, dy, 0);
  return product(g, dy, g.op('Pow', [a, g.scalar(b - 1)]), b);
}

/** b·aᵇ⁻¹, and 0 where b is 0, whatever a is. */
const computedPower: Slope = (g, a, _, dy) => {
  const b = exponentOf(g);
  const lower = g.op('Pow', [a, minus(g, b, g.scalar(1))]);
  return where(g, g.op('Equal', [b, g.scalar(0)]), 0, product(g, dy, product(g, b, lower)));
};

/** aᵇ·ln a, and 0 where a is 0: aᵇ goes to 0 faster than ln a grows. */
const exponentSlope: Slope = (g, _, y, dy) => {
  const a = g.input(0);
  const isZero = g.op('Equal', [a, g.scalar(0)]);
  return product(g, dy, where(g, isZero, 0, product(g, y, g.op('Log', [where(g, isZero, 1, a)]))));
};

/** The exponent in the type of the base; ONNX lets it be an integer. */
function exponentOf(g: GradientContext): string {
  const type = g.type(g.input(0));
  return g.type(g.input(1)) === type ? g.input(1) : g.op('Cast', [g.input(1)], { to: type });
}

/** y is the largest (smallest) input; where several are, they share the gradient. */
const extreme = smooth((g, dy) => {
  const y = g.output(0);
  const dims = g.dims(y);
  if (g.node.input.length === 1) return [dy];
  const masks = g.node.input.map((input) => g.op('Cast', [g.op('Equal', [input, y])], { to: g.type(y) }));
  const share = g.op('Div', [dy, masks.reduce((one, other) => g.op('Add', [one, other]))]);
  return masks.map((mask, index) =>
    g.wants(index) ? g.sumTo(product(g, share, mask), dims, g.dims(g.input(index))) : undefined,
  );
});

/** y = Clip(x, low, high): x passes it where it is unchanged; elsewhere the bound does. */
const clip = smooth((g, dy) => {
  const [x, y] = [g.input(0), g.output(0)];
  const cut = (index: number, outside: (g: GradientContext, a: string, b: string) => string) =>
    g.sumTo(masked(g, outside(g, x, g.input(index)), dy), g.dims(y), g.dims(g.input(index)));
  return wanted(
    g,
    () => masked(g, g.op('Equal', [x, y]), dy),
    () => cut(1, below),
    () => cut(2, above),
  );
});

/** By operator. */
export const ARITHMETIC: Gradients = {
  Add: linear(broadcast(() => [same, same])),
  Sub: linear(broadcast(() => [same, (g, _, __, dy) => g.op('Neg', [dy])])),
  Mul: linear(
    broadcast(() => [(g, _, __, dy) => product(g, dy, g.input(1)), (g, _, __, dy) => product(g, dy, g.input(0))]),
  ),
  Div: smooth(broadcast(() => divided)),
  Mod: smooth(broadcast(() => remainder)),
  Pow: smooth(broadcast(power)),
  Sum: linear(broadcast((g) => g.node.input.map(() => same))),
  Mean: linear(
    broadcast((g) =>
      g.node.input.map(
        (_, __, all) =>
          (...[, , , dy]) =>
            product(g, dy, 1 / all.length),
      ),
    ),
  ),
  Max: extreme,
  Min: extreme,
  Where: linear(
    broadcast(() => [
      undefined,
      (g, _, __, dy) => masked(g, g.input(0), dy),
      (g, _, __, dy) => masked(g, g.op('Not', [g.input(0)]), dy),
    ]),
  ),
  PRelu: smooth(
    broadcast(() => [
      (g, x, _, dy) => where(g, below(g, x, 0), product(g, dy, g.input(1)), dy),
      (g, _, __, dy) => masked(g, below(g, g.input(0), 0), product(g, dy, g.input(0))),
    ]),
  ),
  Clip: clip,
};
