import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { labelledOf } from '../../../src/inputs/labelled/memory.ts';
import { type Example, UNLABELLED } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { setUp } from '../../../src/train/setup.ts';
import { labelsAt, segment } from '../../../src/train/tasks/segment.ts';
import { Trainer } from '../../../src/train/trainer.ts';
import { rejection, thrown } from '../../support/errors.ts';
import { graphOf, output, sample, setupOf, value } from '../../support/task-setup.ts';

const map = (height: number, width: number, ...labels: number[]) =>
  sample({ kind: 'map', height, width, labels: Int16Array.from(labels) });
/** A picture of noise with a class for each pixel. */
function pictured(height: number, width: number): Example {
  const random = new Random(width);
  const data = Float32Array.from({ length: 3 * height * width }, () => random.normal());
  const labels = Int16Array.from({ length: height * width }, (_, at) => at % 3);
  const inputs = { x: { type: DataType.FLOAT, dims: [1, 3, height, width], data } };
  return { inputs, target: { kind: 'map', height, width, labels } };
}

const prepared = async (...args: Parameters<typeof setupOf>) => segment.prepare(setupOf(...args));

describe('train/tasks/segment', () => {
  it('learns the class of each pixel, and measures the mean overlap over classes', async () => {
    const task = await prepared([output('y', 1, 3, 1, 4)], { classes: ['a', 'b', 'c'] });
    expect(task).to.deep.include({ measure: 'mean IoU', notes: [] });
    const batch = [map(1, 4, 0, 1, 2, UNLABELLED)];
    expect(await graphOf(task, batch)).to.deep.equal({
      terms: [{ output: 'y', loss: 'cross-entropy', weight: 1 }],
      targets: [{ type: DataType.INT64, dims: [1, 1, 4], data: [0, 1, 2, UNLABELLED] }],
    });
    // Pixel by pixel: 0, 1, 1, 0. The last one has no label, and counts nothing.
    const scores = value([1, 3, 1, 4], [5, 0, 1, 5, 0, 5, 2, 0, 0, 0, 0, 0]);
    const scorer = task.scorer();
    scorer.add({ y: scores }, batch);
    const overlaps = [1, 1 / 2, 0];
    const mean = overlaps.reduce((sum, it) => sum + it, 0) / 3;
    const { value: found, detail, figures, classes } = scorer.result();
    expect([found, detail, figures]).to.deep.equal([mean, 'over 3 classes', { classes: 3, worst: 0 }]);
    expect(classes?.map((it) => it.figures.IoU)).to.deep.equal(overlaps);
    expect(scorer.weighted?.([2])).to.equal(mean);
    const answer = task.answerOf?.({ y: scores });
    expect(answer?.kind === 'map' && [...answer.labels]).to.deep.equal([0, 1, 1, 0]);
  });

  for (const [made, threshold] of [
    [undefined, 0],
    ['sigmoid', 0.5],
  ] as const) {
    it(`takes one map for what is drawn, above ${threshold} if ${made ?? 'no Sigmoid'} ends it`, async () => {
      const task = await prepared([output('y', 1, 1, 2, 2)], { classes: ['other', 'drawn'], ...(made && { made }) });
      expect(task).to.deep.include({ measure: 'IoU', notes: [] });
      const batch = [map(2, 2, 1, 0, UNLABELLED, 1)];
      const drawn = { type: DataType.FLOAT, dims: [1, 1, 2, 2], data: [1, 0, 0, 1] };
      expect(await graphOf(task, batch)).to.deep.equal({
        terms: ['bce', 'dice'].map((loss) => ({ output: 'y', loss, weight: 1, ...(made && { made }) })),
        targets: [drawn, drawn],
      });
      const scores = value(
        [1, 1, 2, 2],
        [0.25, -0.25, 0.25, -0.25].map((it) => it + threshold),
      );
      const scorer = task.scorer();
      scorer.add({ y: scores }, batch);
      // Drawn and answered: one pixel; drawn or answered: two. The third has no label.
      expect(scorer.result()).to.deep.include({ value: 1 / 2, detail: 'of what is drawn' });
      const answer = task.answerOf?.({ y: scores });
      expect(answer?.kind === 'map' && [...answer.labels]).to.deep.equal([1, 0, 1, 0]);
    });
  }

  it('learns maps whose classes are last as it learns those whose classes are first', async () => {
    const net = (isLast: boolean, activation?: string) => {
      const net = new Net({ opset: 13 });
      const maps = net.conv(net.input('x', [1, 3, 4, 6]), 3, 4, { kernel: 3 });
      const turned = isLast ? net.node('Transpose', [maps], { perm: [0, 2, 3, 1] }) : maps;
      const dims = isLast ? [1, 4, 6, 4] : [1, 4, 4, 6];
      if (activation === undefined)
        return net.output(net.node('Identity', [turned], {}, { outputs: ['y'] }), dims).model();
      const axis = activation === 'Softmax' ? { axis: isLast ? -1 : 1 } : {};
      return net.output(net.node(activation, [turned], axis, { outputs: ['y'] }), dims).model();
    };
    for (const activation of [undefined, 'Softmax', 'Sigmoid']) {
      const samples = [pictured(4, 6)];
      const [first, last] = await Promise.all(
        [false, true].map(async (isLast) => {
          const model = net(isLast, activation);
          const { data } = setupOf([], { samples, classes: ['a', 'b', 'c', 'd'] });
          const { task } = await setUp(model, data, { task: 'segment' });
          const trainer = await Trainer.open(model, task.objective, samples[0] as Example);
          const { loss, outputs } = await trainer.answer(samples);
          const { gradient } = await trainer.gradient(samples);
          await trainer.close();
          const scorer = task.scorer();
          scorer.add(outputs, samples);
          return { loss, gradient: Array.from(gradient), result: scorer.result(), answer: task.answerOf?.(outputs) };
        }),
      );
      expect(first?.answer).to.include({ height: 4, width: 6 });
      expect([last?.answer, last?.result]).to.deep.equal([first?.answer, first?.result]);
      // Sums in another order.
      expect(last?.loss).to.be.closeTo(first?.loss as number, 1e-6);
      for (const [at, it] of (first?.gradient ?? []).entries()) expect(last?.gradient[at]).to.be.closeTo(it, 1e-6);
    }
  });

  it('takes a single map whose channel is last', async () => {
    const x = { type: DataType.FLOAT, dims: [1, 2, 3, 1], data: new Float32Array(6) };
    const drawn: Example = { inputs: { x }, target: map(2, 3, 1, 0, 0, 1, 1, 0).target };
    const task = await prepared([output('y', 1, 2, 3, 1)], { classes: ['other', 'drawn'], samples: [drawn] });
    expect(task.measure).to.equal('IoU');
    const { targets } = await graphOf(task, [drawn]);
    expect(targets[0]).to.deep.equal({ type: DataType.FLOAT, dims: [1, 2, 3, 1], data: [1, 0, 0, 1, 1, 0] });
  });

  it('has nothing to measure if nothing is drawn and nothing answered', async () => {
    const task = await prepared([output('y', 1, 1, 1, 2)]);
    const scorer = task.scorer();
    scorer.add({ y: value([1, 1, 1, 2], [-1, -1]) }, [map(1, 2, 0, 0)]);
    expect(scorer.result()).to.deep.include({ value: undefined, figures: { classes: 0, worst: 0 } });
  });

  it('learns a map for each class by itself behind a Sigmoid', async () => {
    const task = await prepared([output('y', 1, 2, 1, 2)], { made: 'sigmoid', losses: ['bce'] });
    expect(await graphOf(task, [map(1, 2, 1, 0)])).to.deep.equal({
      terms: [{ output: 'y', loss: 'bce', weight: 1, made: 'sigmoid' }],
      targets: [{ type: DataType.FLOAT, dims: [1, 2, 1, 2], data: [0, 1, 1, 0] }],
    });
  });

  it('takes the label in the middle of the pixels that one of a smaller map stands for', () => {
    const large = map(4, 4, ...Array.from({ length: 16 }, (_, at) => at));
    expect([...labelsAt(large, 2, 2)]).to.deep.equal([5, 7, 13, 15]);
    expect([...labelsAt(large, 4, 4)]).to.deep.equal(Array.from({ length: 16 }, (_, at) => at));
  });

  for (const stride of [1, 2]) {
    it(`learns and scores pictures of several sizes, each in a map of its own: one of ${stride} × ${stride} pixels`, async () => {
      const net = new Net({ opset: 13 });
      const x = net.input('x', ['n', 3, 'h', 'w']);
      const weight = net.weight('trunk/w', [4, 3, stride, stride]);
      const maps = net.node('Conv', [x, weight], { kernel_shape: [stride, stride], strides: [stride, stride] });
      net.conv(maps, 4, 3, { options: { outputs: ['y'] } });
      const model = net.output('y', ['n', 3, 'h2', 'w2']).model();
      const pictures = [pictured(8, 8), pictured(4, 12)] as const;
      const found = [];
      for (const samples of [pictures, [pictures[1]]]) {
        const { data } = setupOf([], { samples, classes: ['a', 'b', 'c'] });
        const { task } = await setUp(model, data, { task: 'segment' });
        const trainer = await Trainer.open(model, task.objective, samples[0]);
        try {
          const { loss, outputs } = await trainer.answer([pictures[1]]);
          const scorer = task.scorer();
          scorer.add(outputs, [pictures[1]]);
          const answer = task.answerOf?.(outputs);
          expect(answer).to.include({ height: 4 / stride, width: 12 / stride });
          found.push({
            loss,
            gradient: Array.from((await trainer.gradient([pictures[1]])).gradient),
            ...scorer.result(),
            answer,
          });
        } finally {
          await trainer.close();
        }
      }
      expect(found[0]).to.deep.equal(found[1]);
    });
  }

  it('refuses more classes than there are maps, and samples without a mask', async () => {
    const many = async () => prepared([output('y', 1, 2, 2, 2)], { classes: ['a', 'b', 'c'] });
    expect(await rejection(many())).to.include({
      code: 'invalid-data',
      message: 'the masks have 3 classes, and y has 2',
      remedy: 'Give --classes a,b,c to rebuild the last layer',
    });
    const error = thrown(() => labelsAt(sample({ kind: 'class', label: 1 }), 2, 2));
    expect(error).to.include({ code: 'invalid-data', message: 'a sample has no mask' });
  });

  it('takes the step of one batch from runs of one sample, though fewer pixels of some have a label, and of one none', async () => {
    const net = new Net();
    const made = net.conv(net.conv(net.input('x', ['N', 3, 4, 4]), 3, 4, { kernel: 3 }), 4, 3, { kernel: 1 });
    const model = net.output(net.node('Identity', [made], {}, { outputs: ['y'] }), ['N', 3, 4, 4]).model();
    const labels = BigInt64Array.from({ length: 64 }, (_, at) => BigInt(at % 3));
    labels.fill(-1n, 3, 16).fill(-1n, 32, 48);
    const random = new Random(2);
    const x = Float32Array.from({ length: 3 * 64 }, () => random.normal());
    const data = labelledOf(
      { x: { type: DataType.FLOAT, dims: [4, 3, 4, 4], data: x } },
      { kind: 'map', labels: { type: DataType.INT64, dims: [4, 4, 4], data: labels } },
    );
    const examples = await Promise.all([0, 1, 2, 3].map((it) => data.load(it)));
    const { task, example } = await setUp(model, data, { task: 'segment' });
    const step = async (runs: readonly (readonly Example[])[]) => {
      // SGD, as AdamW hardly tells a gradient from a multiple of it.
      const trainer = await Trainer.open(model, task.objective, example, { optimizer: 'sgd' });
      const { loss, norm } = await trainer.step(runs, 0.1);
      const theta = trainer.parametersNow();
      await trainer.close();
      return [loss, norm, ...theta];
    };
    const [one, each, pairs] = [
      await step([examples]),
      await step(examples.map((it) => [it])),
      await step([examples.slice(0, 1), examples.slice(1)]),
    ];
    for (const [at, value] of one.entries())
      for (const other of [each, pairs]) expect(other[at], `number ${at}`).to.be.closeTo(value, 2e-6);
  });
});
