import { expect } from 'chai';
import { Random } from '../../src/inputs/random.ts';
import { correlated } from '../../src/norms/correlated.ts';
import { DataType } from '../../src/onnx/data-type.ts';

const U = 2 ** -24;

/** What is lost of one group: so many channels of so large a map. */
function lostOf(channels: number, area: number, of: (channel: number, place: number) => number, oneStage = true) {
  const count = channels * area;
  const x = Float32Array.from({ length: count }, (_, i) => of(Math.floor(i / area), i % area));
  const mean = x.reduce((sum, value) => sum + value, 0) / count;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const terms = oneStage ? count : channels + area;
  return {
    mean,
    count,
    lost: correlated(x, 0, { count, perChannel: area, mean, variance }, { terms, oneStage, type: DataType.FLOAT }),
  };
}

describe('norms/correlated', () => {
  it('finds nothing in numbers that are all different, however many', () => {
    for (const [channels, area] of [
      [4, 16],
      [32, 49],
      [64, 56 * 56],
    ] as const) {
      for (const mean of [0, 0.3, 3]) {
        const random = new Random(channels);
        const { lost } = lostOf(channels, area, () => mean + random.normal());
        expect(lost, `${channels} of ${area} about ${mean}`).to.deep.equal({ mean: 0, variance: 0, share: 0 });
      }
    }
  });

  it('counts a channel that is constant: its share of n u', () => {
    const random = new Random(1);
    const { lost, mean, count } = lostOf(8, 100, (channel) => (channel === 2 ? 1 : random.normal()));
    expect(lost.share).to.be.closeTo((count * U) / 8, 1e-12);
    expect(lost.mean).to.equal(lost.share * Math.abs(mean));
    expect(lost.variance).to.be.closeTo((count * U) / 8, 1e-12);
  });

  it('counts numbers that come again and again, though their neighbours are others', () => {
    // A map of 15 kinds, none of which stands beside itself, in every channel.
    const { lost, count } = lostOf(128, 49, (_, place) => 0.4 + 1e-3 * ((place * 4) % 15));
    expect(lost.share).to.be.within(0.95 * count * U, count * U);
    expect(lost.variance).to.be.within(0.95 * count * U, count * U);
  });

  it('takes zeros, as ReLU makes them, for nothing that is lost of the mean', () => {
    const random = new Random(1);
    const { lost, count, mean } = lostOf(64, 256, (_, place) => (place % 4 === 0 ? random.normal() ** 2 : 0));
    // Some of the others are so small that they are like zeros.
    expect(lost.mean).to.be.below(0.01 * count * U * mean);
    expect(lost.variance).to.be.within(0.7 * count * U, 0.8 * count * U);
  });

  it('counts averages of channels that are alike, where they are averaged last', () => {
    const random = new Random(1);
    const map = Float64Array.from({ length: 200 }, () => 4 + random.normal());
    const of = (channel: number, place: number) => map[(place + channel) % 200] as number;
    const channels = 1024;
    const { lost, mean } = lostOf(channels, 200, of, false);
    expect(lost.mean).to.be.closeTo(channels * U * mean, 1e-12);
    expect(lost.variance).to.be.closeTo(channels * U, 1e-12);
  });
});
