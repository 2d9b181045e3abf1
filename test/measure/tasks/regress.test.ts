import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { Random } from '../../../src/inputs/random.ts';
import { KeptMeter } from '../../../src/measure/kept.ts';
import { answers, floats } from '../../support/answers.ts';

const model = (() => {
  const net = new Net();
  net.node('Tanh', [net.input('x', ['n', 'c'])], {}, { outputs: ['y'] });
  return net.output('y', ['n', 'c']).model();
})();

/** Each run is one answer. */
function judged(dims: readonly number[], runs: readonly (readonly [ArrayLike<number>, ArrayLike<number>])[]) {
  const meter = new KeptMeter(model);
  for (const [source, rewritten] of runs)
    meter.add(answers({ y: floats(dims, source) }, { y: floats(dims, rewritten) }), 1);
  return meter.result();
}

describe('regress', () => {
  it('is one minus the error over the variance of each channel, computed in two passes', () => {
    const random = new Random(9);
    const runs = Array.from({ length: 40 }, () => {
      const y = [0, 1, 2].map((channel) => Math.fround(100 + (channel + 1) * random.normal()));
      return [y, y.map((it, channel) => Math.fround(it + channel * 0.4 * random.normal()))] as const;
    });
    const expected = [0, 1, 2].map((channel) => {
      const [y, own] = [runs.map(([a]) => a[channel] as number), runs.map(([, b]) => b[channel] as number)];
      const mean = y.reduce((sum, it) => sum + it, 0) / y.length;
      const total = y.reduce((sum, it) => sum + (it - mean) ** 2, 0);
      return 1 - y.reduce((sum, it, index) => sum + (it - (own[index] as number)) ** 2, 0) / total;
    });
    const { kept, tasks } = judged([1, 3], runs);
    const sorted = expected.toSorted((a, b) => a - b);
    expect(kept).to.be.closeTo(sorted[1] as number, 1e-9);
    expect(tasks[0]?.figures.worst).to.be.closeTo(sorted[0] as number, 1e-9);
    expect(tasks[0]?.figures).to.include({ channels: 3, constant: 0 });
  });

  it('keeps nothing of numbers that became constant, and less of those that shrank', () => {
    const values = [1, 2, 3, 4];
    expect(
      judged(
        [1, 1],
        values.map((y) => [[y], [2.5]]),
      ).kept,
    ).to.equal(0);
    // (y − y/2)² summed over the variance: half of what is explained around 0 is not around the mean.
    expect(
      judged(
        [1, 1],
        values.map((y) => [[y - 2.5], [(y - 2.5) / 2]]),
      ).kept,
    ).to.be.closeTo(0.75, 1e-12);
  });

  it('leaves channels out that do not vary, and compares nothing if none does', () => {
    expect(
      judged(
        [1, 2],
        [1, 2, 3].map((y) => [
          [y, 7],
          [y, 9],
        ]),
      ).tasks[0]?.figures,
    ).to.include({ channels: 1, constant: 1 });
    expect(
      judged(
        [1, 2],
        [
          [
            [1, 7],
            [2, 9],
          ],
        ],
      ).kept,
      'one answer',
    ).to.equal(null);
  });

  it('keeps nothing where an answer is not a number', () => {
    expect(
      judged(
        [1, 1],
        [1, 2].map((y) => [[y], [Number.NaN]]),
      ).kept,
    ).to.equal(0);
  });

  it('takes positions of a map for samples of a channel', () => {
    const source = [1, 2, 3, 4, 10, 20, 30, 40];
    expect(judged([1, 2, 2, 2], [[source, source]])).to.include({ kept: 1 });
  });

  it('takes the last axis for the channels of a map that has the proportions of the picture so', () => {
    const random = new Random(3);
    const [h, w, K] = [4, 4, 3];
    const y = Array.from({ length: h * w * K }, () => Math.fround(random.normal()));
    const own = y.map((it) => Math.fround(it + 0.3 * random.normal()));
    const first = (numbers: readonly number[]) =>
      Array.from({ length: K }, (_, c) => numbers.filter((_, at) => at % K === c)).flat();
    const last = judged([1, h, w, K], [[y, own]]);
    expect(last.tasks[0]?.figures.channels).to.equal(K);
    expect(last.kept).to.be.closeTo(judged([1, K, h, w], [[first(y), first(own)]]).kept as number, 1e-9);
  });
});
