/** Gradients of activations. At a kink the slope is PyTorch's. */
import { floatAttribute, stringAttribute } from '../../onnx/attributes.ts';
import { DataType } from '../../onnx/data-type.ts';
import type { GradientContext, Spelling } from '../gradient-rule.ts';
import { above, below, indicator, isPositive, masked, minus, plus, product, type Slope, step, where } from './slope.ts';

const float = (g: GradientContext, name: string, otherwise: number) => floatAttribute(g.node, name, otherwise);

/** The slopes of LeakyRelu, Elu and their kind: dy itself above 0. */
const sided =
  (otherwise: Slope): Slope =>
  (g, x, y, dy) =>
    where(g, above(g, x, 0), dy, otherwise(g, x, y, dy));

/** Selu's constants are rounded to float32 in the operator's definition. */
const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };

const selu: Slope = (g, x, y, dy) => {
  const [alpha, gamma] = [float(g, 'alpha', SELU.alpha), float(g, 'gamma', SELU.gamma)];
  return where(g, above(g, x, 0), product(g, dy, gamma), product(g, dy, plus(g, y, alpha * gamma)));
};

/** y = max(0, min(1, αx + β)). */
const hardSigmoid: Slope = (g, _, y, dy) =>
  masked(g, g.op('And', [above(g, y, 0), below(g, y, 1)]), product(g, dy, float(g, 'alpha', 0.2)));

/** y = x·s with s = max(0, min(1, x/6 + 1/2)), so y′ = s + x/6 where |x| < 3, else s. */
const hardSwish: Slope = (g, x, _, dy) => {
  if (g.type(x) !== DataType.FLOAT) return hardSwishByMasks(g, x, dy);
  const isInside = step(g, g.op('Abs', [x]), -1, 3);
  return product(g, dy, plus(g, product(g, x, isInside, 1 / 6), g.saved('s')));
};

/** The same, of types that HardSigmoid has no kernel for. */
function hardSwishByMasks(g: GradientContext, x: string, dy: string): string {
  // 1 from 3 on, less below.
  const less = masked(g, below(g, x, 3), plus(g, product(g, x, 1 / 3), -0.5));
  return product(g, dy, masked(g, above(g, x, -3), plus(g, less, 1)));
}

/** y = x·Φ(x), so y′ = Φ(x) + x·φ(x). */
const gelu: Slope = (g, x, _, dy) => {
  const area = product(g, plus(g, g.op('Erf', [product(g, x, Math.SQRT1_2)]), 1), 0.5);
  const density = product(g, g.op('Exp', [product(g, product(g, x, x), -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return product(g, dy, plus(g, area, product(g, x, density)));
};

/** y = x/2·(1 + t) with t = tanh(√(2/π)·(x + 0.044715·x³)). */
const geluByTanh: Slope = (g, x, _, dy) => {
  const [scale, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = product(g, x, x);
  const inner = product(g, x, plus(g, product(g, square, scale * cubic), scale));
  const t = g.op('Tanh', [inner]);
  const innerSlope = plus(g, product(g, square, 3 * scale * cubic), scale);
  const curved = product(g, x, minus(g, 1, product(g, t, t)), innerSlope);
  return product(g, dy, plus(g, plus(g, t, 1), curved), 0.5);
};

/** y = x·t with t = tanh(softplus(x)), so y′ = t + x·(1 − t²)·sigmoid(x). */
const mish: Slope = (g, x, _, dy) => {
  const t = g.op('Tanh', [g.op('Softplus', [x])]);
  const curved = product(g, x, minus(g, 1, product(g, t, t)), g.op('Sigmoid', [x]));
  return product(g, dy, plus(g, t, curved));
};

/** y = x·s with s = sigmoid(αx), so y′ = s + αy·(1 − s). */
const swish: Slope = (g, _, y, dy) => {
  const alpha = float(g, 'alpha', 1);
  const s = g.saved('s');
  const curved = product(g, y, minus(g, 1, s));
  return product(g, dy, plus(g, alpha === 1 ? curved : product(g, curved, alpha), s));
};

/** Swish as it is written in the training graph: it is an operator from opset 24 on only. */
const spelledSwish: Spelling = (g) => {
  const x = g.input(0);
  const alpha = float(g, 'alpha', 1);
  const s = g.op('Sigmoid', [alpha === 1 ? x : product(g, x, alpha)]);
  g.op('Mul', [x, s], {}, g.output(0));
  return { s };
};

/** HardSwish, whose gradient reads the HardSigmoid in it. */
const spelledHardSwish: Spelling = (g) => {
  const x = g.input(0);
  if (g.type(x) !== DataType.FLOAT) return undefined;
  const s = g.op('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
  g.op('Mul', [x, s], {}, g.output(0));
  return { s };
};

/** Activations that are written as others in the training graph, by operator. */
export const SPELLINGS: Readonly<Record<string, Spelling>> = { HardSwish: spelledHardSwish, Swish: spelledSwish };

/** By operator. */
export const ACTIVATIONS: Readonly<Record<string, Slope>> = {
  Relu: (g, _, y, dy) => product(g, dy, isPositive(g, y)),
  LeakyRelu: (g, x, _, dy) => {
    const alpha = float(g, 'alpha', 0.01);
    return product(g, dy, plus(g, product(g, indicator(g, above(g, x, 0)), 1 - alpha), alpha));
  },
  ThresholdedRelu: (g, x, _, dy) => masked(g, above(g, x, float(g, 'alpha', 1)), dy),
  Shrink: (g, x, _, dy) => masked(g, above(g, g.op('Abs', [x]), float(g, 'lambd', 0.5)), dy),
  Elu: sided((g, _, y, dy) => product(g, dy, plus(g, y, float(g, 'alpha', 1)))),
  Celu: sided((g, _, y, dy) => product(g, dy, plus(g, product(g, y, 1 / float(g, 'alpha', 1)), 1))),
  Selu: selu,
  Sigmoid: (g, _, y, dy) => product(g, dy, product(g, y, minus(g, 1, y))),
  HardSigmoid: hardSigmoid,
  HardSwish: hardSwish,
  Gelu: (...at) => (stringAttribute(at[0].node, 'approximate') === 'tanh' ? geluByTanh : gelu)(...at),
  Mish: mish,
  Swish: swish,
  Softplus: (g, x, _, dy) => product(g, dy, g.op('Sigmoid', [x])),
  Softsign: (g, x, _, dy) => {
    const span = plus(g, g.op('Abs', [x]), 1);
    return g.op('Div', [dy, product(g, span, span)]);
  },
};
