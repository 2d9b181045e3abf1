import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { compareHeads } from '../../../src/train/head/compare.ts';
import { floats } from '../../support/answers.ts';
import { rejection } from '../../support/errors.ts';

const example: Example = { inputs: { x: floats([2, 1], [1, -2]) }, target: { kind: 'none' } };

/** y [2, width]: x times each of these numbers, plus what may be no number. */
function model(factors: readonly number[], plus = 0): Model {
  const net = new Net({ opset: 13 });
  const product = net.node('MatMul', [net.input('x', ['N', 1]), net.weight('w', [1, factors.length], factors)]);
  net.node('Add', [product, net.weight('plus', [], [plus])], {}, { outputs: ['y'] });
  return net.output('y', ['N', factors.length]).model();
}

// Two anchors, each with a number in front, two classes and a number behind.
const target = { value: 'y', axis: 1, block: 4, from: 1, to: 3 };
const BEFORE = [1, 10, 20, 2, 3, 30, 40, 4];

const compare = (after: readonly number[], columns: readonly (number | undefined)[], plus = 0) =>
  compareHeads(model(BEFORE, plus), model(after, plus), example, [target], columns);

describe('train/head/compare', () => {
  it('lets classes change as they like, more or fewer of them, in each block', async () => {
    await compare([1, 99, 98, 97, 2, 3, 96, 95, 94, 4], [0, 1, undefined]);
    await compare([1, 7, 2, 3, 8, 4], [1]);
    await compare([1, 20, 10, 2, 3, 40, 30, 4], [1, 0]);
  });

  it('refuses numbers around the classes that changed, whichever they are', async () => {
    for (const place of [0, 4, 5, 9]) {
      const after = [1, 99, 98, 97, 2, 3, 96, 95, 94, 4];
      after[place] = 1.01 * (after[place] as number);
      const error = await rejection(compare(after, [0, 1, undefined]));
      expect(error, `${place}`).to.include({ code: 'unsupported-model', node: 'y' });
      expect(error.message).to.match(/^with other classes numbers that are not of classes changed by /);
    }
  });

  it('takes what is no number in both models for the same, and in one of them for another', async () => {
    for (const plus of [Number.NaN, Number.POSITIVE_INFINITY]) await compare([1, 7, 2, 3, 8, 4], [1], plus);
    const one = compareHeads(model(BEFORE), model([1, 7, 2, 3, 8, 4], Number.NaN), example, [target], [1]);
    expect((await rejection(one)).message).to.include('changed by Infinity');
  });

  it('refuses another number of columns, a value that is gone, and a model that does not run', async () => {
    const short = await rejection(compare([1, 7, 2, 3, 8, 4], [0, 1]));
    expect(short.message).to.equal('with other classes it has dimensions [2,6] in place of [2,8]');
    const net = new Net({ opset: 13 });
    net.node('MatMul', [net.input('x', ['N', 1]), net.weight('w', [2, 3])], {}, { outputs: ['y'] });
    const broken = compareHeads(model(BEFORE), net.output('y', ['N', 3]).model(), example, [target], [1]);
    expect(await rejection(broken)).to.include({
      message: 'with other classes the model does not run',
      node: '--classes',
    });
  });
});
