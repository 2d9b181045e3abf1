import { type Case, differenceCases } from '../support/cases.ts';

const x = { dims: [2, 3, 4], range: [-3, 3] as const };

function cases(op: string): Case[] {
  const over = (axis: number | undefined, opset: number, more: Partial<Case> = {}): Case => ({
    title: `axis ${axis ?? 'by default'}, opset ${opset}`,
    op,
    inputs: [x],
    attributes: axis === undefined ? {} : { axis },
    opset,
    ...more,
  });
  return [
    ...[0, 1, 2, -1, -2, undefined].map((axis) => over(axis, 18)),
    ...[13, 22, 26].map((opset) => over(1, opset)),
    // Up to opset 12 all axes from this one on are one.
    ...[0, 1, 2, undefined].map((axis) => over(axis, 11)),
    ...[7, 9].map((opset) => over(1, opset)),
    over(-1, 11),
    over(-2, 12),
    { title: 'rank 1', op, inputs: [{ ...x, dims: [6] }], opset: 18 },
    { title: 'rank 4', op, inputs: [{ ...x, dims: [2, 3, 2, 2] }], attributes: { axis: 1 }, opset: 18 },
    { title: 'one class', op, inputs: [{ ...x, dims: [4, 1] }], attributes: { axis: 1 }, opset: 18 },
    { title: 'a sure answer', op, inputs: [{ dims: [2, 3], values: [20, 0, -20, 30, 29, 0] }], opset: 18 },
  ];
}

describe('operators/softmax: gradients', () => {
  differenceCases([...cases('Softmax'), ...cases('LogSoftmax')]);
});
