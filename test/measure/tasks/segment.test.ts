import { expect } from 'chai';
import { Net, valueInfo } from '../../../fixtures/build.ts';
import { Random } from '../../../src/inputs/random.ts';
import { KeptMeter } from '../../../src/measure/kept.ts';
import type { TaskOptions } from '../../../src/measure/tasks/types.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { answers, floats, longs, picture } from '../../support/answers.ts';

function head(classes: number, last: string | undefined): Model {
  const net = new Net();
  const y = net.conv(net.input('x', ['n', 3, 'h', 'w']), 3, classes, last ? {} : { options: { outputs: ['y'] } });
  if (last !== undefined) net.node(last, [y], last === 'Softmax' ? { axis: 1 } : {}, { outputs: ['y'] });
  return net.output('y', ['n', classes, 'h', 'w']).model();
}

function judged(model: Model, dims: readonly number[], source: ArrayLike<number>, rewritten: ArrayLike<number>) {
  const meter = new KeptMeter(model);
  meter.add(answers({ y: floats(dims, source) }, { y: floats(dims, rewritten) }), dims[0] ?? 1);
  return meter.result();
}

/** Maps of K classes, with 1 for the label of each pixel. */
const oneHot = (classes: number, labels: readonly number[]) =>
  Array.from({ length: classes }, (_, label) => labels.map((it) => Number(it === label))).flat();

describe('segment', () => {
  it('is the mean intersection over union of the classes, by sets of pixels', () => {
    const random = new Random(5);
    const labels = () => Array.from({ length: 400 }, () => random.integer(4));
    const [a, b] = [labels(), labels()];
    const overlaps = [0, 1, 2, 3].map((label) => {
      const pixels = (list: number[]) => new Set(list.flatMap((it, at) => (it === label ? [at] : [])));
      const [inA, inB] = [pixels(a), pixels(b)];
      const both = [...inA].filter((it) => inB.has(it)).length;
      return both / new Set([...inA, ...inB]).size;
    });
    const { kept, tasks } = judged(head(4, 'Softmax'), [1, 4, 20, 20], oneHot(4, a), oneHot(4, b));
    expect(tasks[0]?.task).to.equal('segment');
    expect(kept).to.be.closeTo(overlaps.reduce((sum, it) => sum + it, 0) / 4, 1e-12);
  });

  it('leaves the background out, on which two models agree that see nothing', () => {
    const source = [0, 0, 0, 0, 0, 0, 1, 1, 2];
    const { kept } = judged(
      head(4, undefined),
      [1, 4, 3, 3],
      oneHot(4, source),
      oneHot(
        4,
        source.map(() => 0),
      ),
    );
    expect(kept).to.equal(0);
    expect(
      judged(
        head(2, undefined),
        [1, 2, 3, 3],
        oneHot(
          2,
          source.map(() => 0),
        ),
        oneHot(
          2,
          source.map(() => 0),
        ),
      ).kept,
    ).to.equal(null);
  });

  it('compares what is above 0.3 where a Sigmoid made one map, and nothing with nothing', () => {
    // Above in both: 1 of the 3 that are above in either.
    const { kept, tasks } = judged(head(1, 'Sigmoid'), [1, 1, 2, 2], [0.9, 0.4, 0.1, 0], [0.31, 0.2, 0.5, 0]);
    expect(kept).to.equal(1 / 3);
    expect(tasks[0]?.detail).to.equal('intersection over union 0.333');
    expect(judged(head(1, 'Sigmoid'), [1, 1, 1, 2], [0, 0.1], [0.2, 0]).kept).to.equal(null);
  });

  it('takes a plain map of one or three channels for numbers, not for classes', () => {
    for (const channels of [1, 3]) {
      const numbers = Array.from({ length: channels * 4 }, (_, index) => index);
      expect(judged(head(channels, undefined), [1, channels, 2, 2], numbers, numbers).tasks[0]?.task).to.equal(
        'regress',
      );
    }
  });

  it('compares maps of labels as they are, which an ArgMax made, with one axis of classes or none', () => {
    for (const keepdims of [0, 1]) {
      const net = new Net();
      const maps = net.conv(net.input('x', ['n', 3, 'h', 'w']), 3, 4);
      net.node('ArgMax', [maps], { axis: 1, keepdims }, { outputs: ['y'] });
      net.outputs.push(valueInfo('y', DataType.INT64, keepdims === 1 ? ['n', 1, 'h', 'w'] : ['n', 'h', 'w']));
      const dims = keepdims === 1 ? [1, 1, 2, 3] : [1, 2, 3];
      const meter = new KeptMeter(net.model());
      meter.add(answers({ y: longs(dims, [0, 0, 1, 2, 2, 3]) }, { y: longs(dims, [0, 1, 1, 2, 3, 3]) }), 1);
      const { kept, tasks } = meter.result();
      expect(tasks[0]).to.include({ task: 'segment', why: 'produced by ArgMax' });
      // One of 2, of 2, of 2 and of 2.
      expect(kept).to.equal(1 / 2);
    }
  });

  it('takes one plain map for a mask if its name says so, drawn where the number is above 0 or as the caller says', () => {
    const net = new Net();
    net.conv(net.input('x', ['n', 3, 'h', 'w']), 3, 1, { options: { outputs: ['text_mask'] } });
    const model = net.output('text_mask', ['n', 1, 'h', 'w']).model();
    const shares = (options: TaskOptions) => {
      const meter = new KeptMeter(model, options);
      const values = (numbers: readonly number[]) => ({ text_mask: floats([1, 1, 1, 4], numbers) });
      meter.add(answers(values([0.2, 0.9, -1, -1]), values([0.1, 0.8, 0.4, -1])), 1);
      return meter.result();
    };
    expect(shares({}).tasks[0]).to.include({ task: 'segment', why: 'named "text_mask"' });
    // Above 0: two of three; above 0.3, as probabilities: one of two.
    expect(shares({}).kept).to.equal(2 / 3);
    expect(shares({ scoreKind: 'probability' }).kept).to.equal(1 / 2);
  });

  it('leaves a run out in which the maps have other sizes', () => {
    const meter = new KeptMeter(head(2, 'Softmax'));
    meter.add(answers({ y: floats([1, 2, 1, 2], [1, 0, 0, 1]) }, { y: floats([1, 2, 1, 2], [1, 0, 0, 1]) }), 1);
    const { kept } = meter.result();
    meter.add(answers({ y: floats([1, 2, 1, 2], [1, 0, 0, 1]) }, { y: floats([1, 2, 1, 1], [0, 1]) }), 1);
    expect(meter.result().kept).to.equal(kept);
  });

  it('reads classes that are last, as Keras has them, where that has the proportions of the picture', () => {
    const [h, w, K] = [4, 6, 5];
    const lastNet = (made: 'Softmax' | 'Sigmoid', classes: number) => {
      const net = new Net();
      const y = net.conv(net.input('x', ['n', 3, 'h', 'w']), 3, classes);
      const turned = net.node('Transpose', [y], { perm: [0, 2, 3, 1] });
      net.node(made, [turned], made === 'Softmax' ? { axis: 3 } : {}, { outputs: ['y'] });
      return net.output('y', ['n', 'h', 'w', classes]).model();
    };
    const kept = (made: 'Softmax' | 'Sigmoid', classes: number, a: readonly number[], b: readonly number[]) => {
      const meter = new KeptMeter(lastNet(made, classes));
      const dims = [1, h, w, classes];
      meter.add(answers({ y: floats(dims, a) }, { y: floats(dims, b) }, picture(h * 8, w * 8)), 1);
      return meter.result();
    };
    const random = new Random(6);
    const [a, b] = [0, 1].map(() => Array.from({ length: h * w }, () => random.integer(K))) as [number[], number[]];
    // The same numbers, laid out with the classes first.
    const first = judged(head(K, 'Softmax'), [1, K, h, w], oneHot(K, a), oneHot(K, b)).kept;
    const last = (labels: readonly number[]) =>
      labels.flatMap((it) => Array.from({ length: K }, (_, c) => Number(c === it)));
    const found = kept('Softmax', K, last(a), last(b));
    expect(found.tasks[0]?.task).to.equal('segment');
    expect(found.kept).to.equal(first);
    expect(first).to.be.within(0.01, 0.9);
    // One map of probabilities: one region, not one for each row.
    const half = a.map((it) => Number(it > 2));
    const one = kept(
      'Sigmoid',
      1,
      half,
      b.map((it) => Number(it > 2)),
    );
    expect(one.tasks[0]?.figures.regions).to.equal(1);
  });
});
