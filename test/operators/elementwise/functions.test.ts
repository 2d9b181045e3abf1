import { derivativeCases } from '../support/cases.ts';
import { opsetsFrom } from '../support/opsets.ts';

/** By its Taylor series: all digits up to 3, where the largest term is 2,000 times the sum. */
function erf(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.log1p(Math.exp(x));

type Row = readonly [op: string, since: number, range: readonly [number, number], f: (x: number) => number];

/** The ranges keep away from poles. */
const FUNCTIONS: readonly Row[] = [
  ['Abs', 6, [-3, 3], Math.abs],
  ['Neg', 6, [-3, 3], (x) => -x],
  ['Exp', 6, [-3, 3], Math.exp],
  ['Log', 6, [0.2, 3], Math.log],
  ['Sqrt', 6, [0.2, 3], Math.sqrt],
  ['Reciprocal', 6, [0.5, 3], (x) => 1 / x],
  ['Erf', 9, [-3, 3], erf],
  ['Sin', 7, [-3, 3], Math.sin],
  ['Cos', 7, [-3, 3], Math.cos],
  ['Tan', 7, [-1.2, 1.2], Math.tan],
  ['Asin', 7, [-0.8, 0.8], Math.asin],
  ['Acos', 7, [-0.8, 0.8], Math.acos],
  ['Atan', 7, [-3, 3], Math.atan],
  ['Sinh', 9, [-3, 3], Math.sinh],
  ['Cosh', 9, [-3, 3], Math.cosh],
  ['Tanh', 6, [-3, 3], Math.tanh],
  ['Asinh', 9, [-3, 3], Math.asinh],
  ['Acosh', 9, [1.3, 3], Math.acosh],
  ['Atanh', 9, [-0.8, 0.8], Math.atanh],
  ['Relu', 6, [-3, 3], (x) => Math.max(x, 0)],
  ['LeakyRelu', 6, [-3, 3], (x) => (x < 0 ? 0.01 * x : x)],
  ['ThresholdedRelu', 10, [-3, 3], (x) => (x > 1 ? x : 0)],
  ['Shrink', 9, [-3, 3], (x) => (Math.abs(x) > 0.5 ? x : 0)],
  ['Elu', 6, [-3, 3], (x) => (x < 0 ? Math.expm1(x) : x)],
  ['Celu', 12, [-3, 3], (x) => (x < 0 ? Math.expm1(x) : x)],
  ['Selu', 6, [-3, 3], (x) => 1.0507009873554805 * (x < 0 ? 1.6732632423543772 * Math.expm1(x) : x)],
  ['Sigmoid', 6, [-5, 5], sigmoid],
  ['HardSigmoid', 6, [-4, 4], (x) => Math.max(0, Math.min(1, 0.2 * x + 0.5))],
  ['HardSwish', 14, [-5, 5], (x) => x * Math.max(0, Math.min(1, x / 6 + 0.5))],
  ['Gelu', 20, [-3, 3], (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2))],
  ['Mish', 18, [-5, 5], (x) => x * Math.tanh(softplus(x))],
  ['Softplus', 1, [-5, 5], softplus],
  ['Softsign', 1, [-5, 5], (x) => x / (1 + Math.abs(x))],
];

const x = (range: readonly [number, number], dims: readonly number[] = [4, 7]) => ({ dims, range });

describe('operators/elementwise: functions of one number', () => {
  for (const [op, since, range, f] of FUNCTIONS) {
    derivativeCases(opsetsFrom(since).map((opset) => ({ title: `opset ${opset}`, op, inputs: [x(range)], opset, f })));
  }

  derivativeCases([
    { title: 'a scalar', op: 'Tanh', inputs: [x([-3, 3], [])], f: Math.tanh },
    { title: 'rank 5', op: 'Sigmoid', inputs: [x([-3, 3], [2, 1, 3, 1, 2])], f: sigmoid },
    {
      title: 'alpha',
      op: 'LeakyRelu',
      inputs: [x([-3, 3])],
      attributes: { alpha: { float: 0.25 } },
      f: (it) => (it < 0 ? 0.25 * it : it),
    },
    {
      title: 'an alpha below 0',
      op: 'LeakyRelu',
      inputs: [x([-3, 3])],
      attributes: { alpha: { float: -0.5 } },
      f: (it) => (it < 0 ? -0.5 * it : it),
    },
    {
      title: 'alpha',
      op: 'ThresholdedRelu',
      inputs: [x([-3, 3])],
      attributes: { alpha: { float: -0.5 } },
      f: (it) => (it > -0.5 ? it : 0),
    },
    {
      title: 'lambd and bias',
      op: 'Shrink',
      inputs: [x([-3, 3])],
      attributes: { lambd: { float: 1 }, bias: { float: 0.25 } },
      f: (it) => (it < -1 ? it + 0.25 : it > 1 ? it - 0.25 : 0),
    },
    {
      title: 'alpha',
      op: 'Elu',
      inputs: [x([-3, 3])],
      attributes: { alpha: { float: 1.5 } },
      f: (it) => (it < 0 ? 1.5 * Math.expm1(it) : it),
    },
    {
      title: 'alpha',
      op: 'Celu',
      inputs: [x([-3, 3])],
      attributes: { alpha: { float: 2 } },
      f: (it) => (it < 0 ? 2 * Math.expm1(it / 2) : it),
    },
    {
      title: 'alpha and gamma',
      op: 'Selu',
      inputs: [x([-3, 3])],
      attributes: { alpha: { float: 1.5 }, gamma: { float: 1.25 } },
      f: (it) => 1.25 * (it < 0 ? 1.5 * Math.expm1(it) : it),
    },
    {
      title: 'alpha and beta',
      op: 'HardSigmoid',
      inputs: [x([-4, 4])],
      attributes: { alpha: { float: 0.25 }, beta: { float: 0.375 } },
      f: (it) => Math.max(0, Math.min(1, 0.25 * it + 0.375)),
    },
    {
      title: 'tanh',
      op: 'Gelu',
      opset: 20,
      inputs: [x([-3, 3])],
      attributes: { approximate: 'tanh' },
      f: (it) => 0.5 * it * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (it + 0.044715 * it ** 3))),
    },
    {
      title: 'none by name',
      op: 'Gelu',
      opset: 20,
      inputs: [x([-3, 3])],
      attributes: { approximate: 'none' },
      f: (it) => 0.5 * it * (1 + erf(it * Math.SQRT1_2)),
    },
  ]);
});
