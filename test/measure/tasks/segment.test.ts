import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { Random } from '../../../src/inputs/random.ts';
import { KeptMeter } from '../../../src/measure/kept.ts';
import type { Model } from '../../../src/onnx/model.ts';
import { answers, floats } from '../../support/answers.ts';

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
});
