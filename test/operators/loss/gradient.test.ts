import { expect } from 'chai';
import { gradientOf } from '../../../src/gradient/index.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { numbersOf } from '../../../src/runtime/session.ts';
import { rejection } from '../../support/errors.ts';
import { runModel, valueNamed } from '../../support/session.ts';
import { type Case, differenceCases, make } from '../support/cases.ts';

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
    ...['NegativeLogLikelihoodLoss', 'SoftmaxCrossEntropyLoss'].map((op) => ({
      title: 'every target is ignored but one',
      op,
      inputs: [
        { dims: [3, 4], range: [-2, -0.1] as const },
        { ...targets([3]), values: [1, 1, 3] },
      ],
      attributes: { ignore_index: 1 },
    })),
    {
      title: 'the logarithms are read as well',
      op: 'SoftmaxCrossEntropyLoss',
      inputs: [{ dims: [5, 4] }, targets([5])],
      outputs: 2,
    },
  ]);

  it('weights of classes that are to be trained are refused with the reason', async () => {
    const inputs = [{ dims: [5, 4] }, targets([5]), { dims: [4], values: [0.5, 1, 2, 0.25] }];
    const { model, wrt } = make({ title: '', op: 'SoftmaxCrossEntropyLoss', inputs });
    const error = await rejection(gradientOf(model, { wrt }));
    expect(error.code).to.equal('unsupported-model');
    expect(error.message).to.include('the weights of its classes are trained');
  });

  it('the logarithms alone have a gradient, too: that of LogSoftmax', async () => {
    const x = { dims: [3, 4] };
    const net = make({ title: '', op: 'SoftmaxCrossEntropyLoss', inputs: [x, targets([3])], outputs: 2 });
    const { graph } = net.model.proto;
    const alone = { ...net.model, proto: { ...net.model.proto, graph: { ...graph, output: graph.output.slice(1) } } };
    const plain = make({ title: '', op: 'LogSoftmax', inputs: [x], attributes: { axis: 1 } });
    const dy = { type: 1, dims: [3, 4], data: Float32Array.from({ length: 12 }, (_, at) => Math.sin(at)) };
    const [one, other] = await Promise.all(
      [
        { model: alone, feeds: net.feeds, output: 'y1' },
        { model: plain.model, feeds: plain.feeds, output: 'y0' },
      ].map(async ({ model, feeds, output }) => {
        const made = await gradientOf(model, { wrt: ['^x0$'] });
        const results = await runModel(made.model, { ...feeds, [`d/${output}`]: dy });
        return Array.from(numbersOf(valueNamed(results, made.gradients.get('x0') as string)) ?? []);
      }),
    );
    // The same sums of four numbers near 1, in another order.
    for (const [at, value] of (one ?? []).entries()) expect(value).to.be.closeTo(other?.[at] as number, 1e-6);
    expect(one).to.have.lengthOf(12);
  });
});
