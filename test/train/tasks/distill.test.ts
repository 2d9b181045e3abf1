import { expect } from 'chai';
import { DataType } from '../../../src/onnx/data-type.ts';
import { distill } from '../../../src/train/tasks/distill.ts';
import { rejection } from '../../support/errors.ts';
import { graphOf, output, sample, setupOf, value } from '../../support/task-setup.ts';

const samples = [1, 2, 6].map((label) => sample({ kind: 'class', label }));
/** Answers the number of the first sample, in each output. */
const teacher = async ([first]: readonly (typeof samples)[number][]) => {
  const number = first?.target.kind === 'class' ? first.target.label : 0;
  return { y: value([1, 1], [number]), z: value([1, 1], [number]) };
};
const outputs = [output('y', 1, 1), { ...output('n', 1, 1), type: DataType.INT64 }];
const prepared = async (...args: Parameters<typeof setupOf>) => distill.prepare(setupOf(...args));

describe('train/tasks/distill', () => {
  for (const [made, loss, weight] of [
    ['softmax', 'kl', 1],
    ['sigmoid', 'bce', 1],
    // In units of the variance of 1, 2 and 6.
    ['relu', 'mse', 3 / 14],
  ] as const) {
    it(`learns what ${made} ends by ${loss}, of float outputs alone`, async () => {
      const task = await prepared(outputs, { samples, teacher, made });
      const { terms, targets } = await graphOf(task, samples.slice(2));
      expect(terms.map((it) => [it.output, it.loss])).to.deep.equal([['y', loss]]);
      expect(terms[0]?.weight).to.be.closeTo(weight, 1e-12);
      expect(targets).to.deep.equal([{ type: DataType.FLOAT, dims: [1, 1], data: [6] }]);
    });
  }

  it('counts answers that do not vary as they are, takes the loss and the output that the caller names', async () => {
    const same = [samples[0], samples[0]].flatMap((it) => it ?? []);
    expect((await graphOf(await prepared(outputs, { samples: same, teacher }), same)).terms).to.deep.equal([
      { output: 'y', loss: 'mse', weight: 1 },
    ]);
    const both = [output('y', 1, 1), output('z', 1, 1)];
    const one = await prepared(both, { samples, teacher, losses: ['bce'], lossOf: 'z' });
    expect((await graphOf(one, samples)).terms).to.deep.equal([{ output: 'z', loss: 'bce', weight: 1 }]);
  });

  it('refuses to go on without a teacher, without an output, and if the teacher lacks one', async () => {
    expect(await rejection(prepared(outputs, { samples }))).to.include({
      message: '--task distill needs a model that answers',
      node: '--task',
      remedy: 'Give it with --teacher SOURCE.onnx',
    });
    expect(await rejection(prepared(outputs, { samples, teacher, lossOf: 'n' }))).to.include({
      message: 'no output of the model is trained',
      node: '--loss-of',
      remedy: 'Name one of y, n',
    });
    expect(await rejection(prepared([output('w', 1, 1)], { samples, teacher }))).to.include({
      message: 'the teacher has no output "w"',
      node: '--teacher',
      remedy: 'Give the model that this one was made from',
    });
  });

  it('refuses a teacher that answers in another shape, before it learns of it', async () => {
    const wide = output('y', 1, 5);
    expect(await rejection(prepared([wide], { samples, teacher }))).to.include({
      message: 'the teacher answers [1, 1], and output "y" is [1, 5]',
      node: '--teacher',
      remedy: 'Give a model that answers in the same shape, such as one of the same classes',
    });
  });
});
