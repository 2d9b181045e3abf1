import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { gradientOf } from '../../src/gradient/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { rejection } from '../support/errors.ts';

/** A layer, with its output or the place of its largest number. */
function layer(output: 'y' | 'place'): Model {
  const net = new Net({ opset: 18 });
  net.input('x', [1, 4]);
  const y = net.node('MatMul', ['x', net.weight('w', [4, 3])], {}, { outputs: ['y'] });
  if (output === 'y') return net.output('y', [1, 3]).model();
  net.node('ArgMax', [y], { axis: 1, keepdims: 0 }, { outputs: ['place'] });
  return net.output('place', [1], DataType.INT64).model();
}

/** A loss as a model: the squares of an input, summed up or not. */
function squares(input: string, isSummed: boolean): Model {
  const net = new Net({ opset: 18 });
  net.input(input, [1, 3]);
  const own = net.node('Mul', [input, input], {}, isSummed ? {} : { outputs: ['loss'] });
  if (isSummed) net.node('ReduceSum', [own], { keepdims: 0 }, { outputs: ['loss'] });
  return net.output('loss', isSummed ? [] : [1, 3]).model();
}

describe('gradient/join', () => {
  const refusals: readonly [string, () => Promise<unknown>, string, string, RegExp][] = [
    [
      'an output that is not there',
      () => gradientOf(layer('y'), { loss: 'mse', lossOf: 'z' }),
      '--loss-of',
      '"z" is not a float output of the model',
      /^Use one of y$/,
    ],
    [
      'an output of integers',
      () => gradientOf(layer('place'), { loss: 'mse', lossOf: 'place' }),
      '--loss-of',
      '"place" is not a float output of the model',
      /^Export the model with an output of floats/,
    ],
    [
      'a model without a float output',
      () => gradientOf(layer('place'), { loss: 'mse' }),
      '--loss',
      'the model has no float output',
      /^Export the model with an output of floats/,
    ],
    [
      'a loss that reads none of the outputs',
      () => gradientOf(layer('y'), { loss: squares('other', true) }),
      '--loss',
      'no input of the loss has the name of an output of the model',
      /^Name its inputs after y$/,
    ],
    [
      'a loss of several numbers',
      () => gradientOf(layer('y'), { loss: squares('y', false) }),
      '--loss',
      'a loss must have one output, a single float number',
      /ReduceSum, keepdims=0$/,
    ],
  ];
  for (const [title, act, node, problem, remedy] of refusals) {
    it(`refuses ${title}`, async () => {
      const error = await rejection(act());
      expect([error.code, error.node]).to.deep.equal(['invalid-arguments', node]);
      expect(error.message).to.include(problem);
      expect(error.remedy).to.match(remedy);
    });
  }

  it('takes a loss that is a model and reads an output', async () => {
    const { gradients, loss } = await gradientOf(layer('y'), { loss: squares('y', true) });
    expect([...gradients.keys()]).to.deep.equal(['w']);
    expect(loss).to.be.a('string');
  });
});
