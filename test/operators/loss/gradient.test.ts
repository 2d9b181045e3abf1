import { DataType } from '../../../src/onnx/data-type.ts';
import { type Case, differenceCases } from '../support/cases.ts';

const targets = (dims: readonly number[], type: DataType = DataType.INT64) => ({
  dims,
  values: Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, (_, at) => (at * 7) % 4),
  type,
});
const weights = { dims: [4], values: [0.5, 1, 2, 0.25], constant: true };

function cases(op: string, range: readonly [number, number]): Case[] {
  const rows = { dims: [5, 4], range };
  const maps = { dims: [2, 4, 3, 2], range };
  return [
    { title: 'rows', op, inputs: [rows, targets([5])] },
    { title: 'int32 targets', op, inputs: [rows, targets([5], DataType.INT32)] },
    { title: 'maps', op, inputs: [maps, targets([2, 3, 2])] },
    ...['none', 'sum', 'mean'].flatMap((reduction) => [
      { title: reduction, op, inputs: [maps, targets([2, 3, 2])], attributes: { reduction } },
      { title: `${reduction}, weights`, op, inputs: [rows, targets([5]), weights], attributes: { reduction } },
      {
        title: `${reduction}, weights, a class ignored`,
        op,
        inputs: [maps, targets([2, 3, 2]), weights],
        attributes: { reduction, ignore_index: 2 },
      },
    ]),
    { title: 'opset 12', op, inputs: [rows, targets([5])], opset: 12 },
    { title: 'opset 26', op, inputs: [rows, targets([5])], opset: 26 },
  ];
}

describe('operators/loss: gradients', () => {
  differenceCases(cases('NegativeLogLikelihoodLoss', [-2, -0.1]));
  differenceCases(cases('SoftmaxCrossEntropyLoss', [-2, 2]));
  differenceCases([
    {
      title: 'the logarithms are read as well',
      op: 'SoftmaxCrossEntropyLoss',
      inputs: [{ dims: [5, 4] }, targets([5])],
      outputs: 2,
    },
  ]);
});
