import { DataType } from '../../../src/onnx/data-type.ts';
import { adjointCases, type Case, derivativeCases, differenceCases, type Input } from '../support/cases.ts';

const SMOOTH = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Min', 'Prod', 'SumSquare'];
const LINEAR = ['Sum', 'Mean'];

const axes = (...values: number[]): Input => ({
  dims: [values.length],
  values,
  type: DataType.INT64,
  constant: true,
});

/** One reduction over each choice of axes, kept and not, in both spellings of the axes. */
function cases(op: string, axesAreInputSince: number): Case[] {
  // Away from 0, where the absolute value has its kink and the logarithm its pole.
  const x = { dims: [2, 3, 4], range: [0.3, 1.5] as const };
  const over = (title: string, list: readonly number[], attributes: Case['attributes'] = {}): Case => ({
    title,
    op,
    inputs: [x, axes(...list)],
    attributes,
    opset: 18,
  });
  const old = (opset: number, list: readonly number[], keepdims: number): Case => ({
    title: `axes ${list} by attribute, keepdims ${keepdims}, opset ${opset}`,
    op,
    inputs: [x],
    attributes: { axes: list, keepdims },
    opset,
  });
  return [
    over('the last axis', [2]),
    over('the last axis, not kept', [-1], { keepdims: 0 }),
    over('two axes', [0, 2]),
    over('two axes, not kept', [0, -2], { keepdims: 0 }),
    { title: 'all axes', op, inputs: [x], opset: 18 },
    { title: 'all axes, not kept', op, inputs: [x], attributes: { keepdims: 0 }, opset: 18 },
    { title: 'rank 1', op, inputs: [{ ...x, dims: [5] }, axes(0)], attributes: { keepdims: 0 }, opset: 18 },
    { title: 'an axis of one', op, inputs: [{ ...x, dims: [3, 1, 2] }, axes(1)], opset: 18 },
    { title: 'rank 5', op, inputs: [{ ...x, dims: [2, 1, 2, 3, 2] }, axes(1, 3)], opset: 18 },
    { title: 'opset 26', op, inputs: [x, axes(1)], opset: 26 },
    old(7, [1], 1),
    old(11, [-1], 0),
    ...(axesAreInputSince > 13
      ? [old(13, [0, 1], 0), old(17, [2], 1)]
      : [{ ...over('axes by input', [1]), opset: 13 }]),
  ];
}

describe('operators/reduce: gradients', () => {
  for (const name of LINEAR) adjointCases(cases(`Reduce${name}`, name === 'Sum' ? 13 : 18));
  for (const name of SMOOTH) differenceCases(cases(`Reduce${name}`, 18));

  adjointCases([
    {
      title: 'no axes and told to do nothing then',
      op: 'ReduceSum',
      inputs: [{ dims: [2, 3] }, axes()],
      attributes: { noop_with_empty_axes: 1 },
    },
    { title: 'no axes', op: 'ReduceSum', inputs: [{ dims: [2, 3] }, axes()], attributes: { noop_with_empty_axes: 0 } },
  ]);
  differenceCases([
    { title: 'numbers below 0', op: 'ReduceL1', inputs: [{ dims: [2, 5], range: [-1.5, -0.2] }, axes(1)] },
    { title: 'numbers below 0', op: 'ReduceL2', inputs: [{ dims: [2, 5], range: [-1.5, -0.2] }, axes(1)] },
    { title: 'numbers below 0', op: 'ReduceProd', inputs: [{ dims: [2, 5], range: [-1.5, -0.2] }, axes(1)] },
    { title: 'large numbers', op: 'ReduceLogSumExp', inputs: [{ dims: [2, 5], range: [80, 90] }, axes(1)] },
    {
      title: 'one factor of 0, none and two',
      op: 'ReduceProd',
      inputs: [{ dims: [3, 3], values: [0.5, 0, 2, 0.5, 1.5, 2, 0, 3, 0] }, axes(1)],
    },
  ]);
  // Each element is reduced by itself, so each has the derivative of a function of one number.
  derivativeCases([
    {
      title: 'a norm of 0 has the gradient 0',
      op: 'ReduceL2',
      inputs: [{ dims: [2, 1], values: [0, 0] }, axes(1)],
      f: Math.abs,
    },
  ]);
});
