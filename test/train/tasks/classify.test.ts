import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { setUp } from '../../../src/train/setup.ts';
import { classify } from '../../../src/train/tasks/classify.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { rejection } from '../../support/errors.ts';
import { graphOf, output, sample, setupOf, value } from '../../support/task-setup.ts';

const classes = ['no', 'yes'];
const labels = (...list: number[]) => list.map((label) => sample({ kind: 'class', label }));
const prepared = async (...args: Parameters<typeof setupOf>) => classify.prepare(setupOf(...args));

describe('train/tasks/classify', () => {
  it('learns cross-entropy of class numbers, and measures accuracy', async () => {
    const task = await prepared([output('y', 1, 3)], { classes: ['a', 'b', 'c'] });
    const batch = labels(2, 0);
    expect(await graphOf(task, batch)).to.deep.equal({
      terms: [{ output: 'y', loss: 'cross-entropy', weight: 1 }],
      targets: [{ type: DataType.INT64, dims: [2], data: [2, 0] }],
    });
    const scorer = task.scorer();
    scorer.add({ y: value([2, 3], [0.1, 0.9, 0.3, 4, 1, 2]) }, batch);
    expect(scorer.result()).to.deep.include({
      value: 0.5,
      detail: '1 of 2 samples right',
      figures: { samples: 2, right: 1 },
    });
    // Only the second sample is right.
    expect([scorer.weighted?.([1, 3]), scorer.weighted?.([2, 0]), scorer.weighted?.([0, 0])]).to.deep.equal([
      0.75,
      0,
      undefined,
    ]);
  });

  it('learns rows whose classes are last as it learns those whose classes are first', async () => {
    const random = new Random(3);
    const x = {
      type: DataType.FLOAT,
      dims: [1, 3, 2, 2],
      data: Float32Array.from({ length: 12 }, () => random.normal()),
    };
    const samples: Example[] = [{ inputs: { x }, target: { kind: 'class', label: 2 } }];
    const losses = await Promise.all(
      [
        [1, 4],
        [1, 4, 1, 1],
        [1, 1, 1, 4],
      ].map(async (dims) => {
        const net = new Net({ opset: 13 });
        const mean = net.node('ReduceMean', [net.input('x', [1, 3, 2, 2])], { axes: [2, 3], keepdims: 0 });
        const row = net.node('Gemm', [mean, net.weight('w', [3, 4])]);
        net.node('Reshape', [row, net.weight('dims', [dims.length], dims, DataType.INT64)], {}, { outputs: ['y'] });
        const model = net.output('y', dims).model();
        const { data } = setupOf([], { samples, classes: ['a', 'b', 'c', 'd'] });
        const { task } = await setUp(model, data, { task: 'classify' });
        const trainer = await Trainer.open(model, task.objective, samples[0] as Example);
        const { loss } = await trainer.answer(samples);
        const { gradient } = await trainer.gradient(samples);
        await trainer.close();
        return [loss, ...gradient];
      }),
    );
    expect(losses[1]).to.deep.equal(losses[0]);
    expect(losses[2]).to.deep.equal(losses[0]);
    expect(Math.hypot(...(losses[0] ?? []).slice(1))).to.be.above(0.1);
  });

  it('has nothing to measure without samples', async () => {
    const task = await prepared([output('y', 1, 3)]);
    expect(task.scorer().result()).to.deep.include({ value: undefined, detail: '0 of 0 samples right' });
  });

  it('takes one number for yes or no if the data has two classes', async () => {
    const task = await prepared([output('y', 1, 1)], { classes });
    expect(task.notes).to.deep.equal([]);
    const batch = labels(1, 0, 1);
    expect(await graphOf(task, batch)).to.deep.equal({
      terms: [{ output: 'y', loss: 'bce', weight: 1 }],
      targets: [{ type: DataType.FLOAT, dims: [3, 1], data: [1, 0, 1] }],
    });
    const scorer = task.scorer();
    scorer.add({ y: value([3, 1], [2, -1, -3]) }, batch);
    expect(scorer.result()).to.deep.include({
      detail: '2 of 3 samples right',
      confusion: [
        [1, 0],
        [1, 1],
      ],
    });
  });

  for (const [made, threshold] of [
    [undefined, 0],
    ['sigmoid', 0.5],
  ] as const) {
    it(`says the chance of the class that one number decides, which ${made ?? 'no Sigmoid'} ends`, async () => {
      const task = await prepared([output('y', 1, 1)], { classes, ...(made === undefined ? {} : { made }) });
      const chance = (number: number) => (made === 'sigmoid' ? number : 1 / (1 + Math.exp(-number)));
      for (const number of [threshold + 0.25, threshold - 0.25]) {
        const yes = chance(number);
        const answer = task.answerOf?.({ y: value([1, 1], [number]) });
        expect(answer).to.include({ kind: 'class', label: Number(number > threshold) });
        const own = answer?.kind === 'class' ? answer.chance : undefined;
        expect(own).to.be.closeTo(Math.max(yes, 1 - yes), 1e-7);
      }
      const scorer = task.scorer();
      scorer.add({ y: value([2, 1], [threshold + 0.25, threshold - 0.25]) }, labels(1, 0));
      expect(scorer.result().value).to.equal(1);
    });
  }

  it('learns each class by itself behind a Sigmoid, and says the chance as the model does', async () => {
    const task = await prepared([output('y', 1, 3)], { made: 'sigmoid' });
    expect(await graphOf(task, labels(1, 2))).to.deep.equal({
      terms: [{ output: 'y', loss: 'bce', weight: 1, made: 'sigmoid' }],
      targets: [{ type: DataType.FLOAT, dims: [2, 3], data: [0, 1, 0, 0, 0, 1] }],
    });
    const numbers = [0.25, 0.5, 0.125];
    expect(task.answerOf?.({ y: value([1, 3], numbers) })).to.deep.equal({ kind: 'class', label: 1, chance: 0.5 });
  });

  it('says the chance of the largest of numbers that no Softmax ends, as a Softmax would', async () => {
    const task = await prepared([output('y', 1, 3)]);
    const numbers = [1, 3, 2];
    const total = numbers.reduce((sum, it) => sum + Math.exp(it), 0);
    const answer = task.answerOf?.({ y: value([1, 3], numbers) });
    expect(answer).to.include({ kind: 'class', label: 1 });
    expect(answer?.kind === 'class' && answer.chance).to.be.closeTo(Math.exp(3) / total, 1e-12);
  });

  it('takes the loss that the caller names, and a row of one sample alone', async () => {
    const named = await prepared([output('y', 1, 2)], { losses: ['bce'] });
    expect((await graphOf(named, labels(1))).terms).to.deep.equal([{ output: 'y', loss: 'bce', weight: 1 }]);
    const row = await prepared([output('y', 4)]);
    expect((await graphOf(row, labels(3))).targets).to.deep.equal([{ type: DataType.INT64, dims: [], data: [3] }]);
  });

  it('refuses more classes than the model has, and samples without a class', async () => {
    const many = async () => prepared([output('y', 1, 2)], { classes: ['a', 'b', 'c'] });
    expect(await rejection(many())).to.include({
      code: 'invalid-data',
      message: 'the data has 3 classes, and y has 2',
      remedy: 'Give --classes a,b,c to rebuild the last layer',
    });
    const task = await prepared([output('y', 1, 2)]);
    const other = graphOf(task, [sample({ kind: 'values', values: {} })]);
    expect(await rejection(other)).to.include({ code: 'invalid-data', message: 'a sample has no class' });
  });
});
