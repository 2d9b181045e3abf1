import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ChannelMoments,
  joinStatistics,
  leaveOut,
  momentsFor,
  type SiteStatistics,
  STATISTICS,
} from '../../src/calibrate/statistics.ts';
import { naiveGroupNorm } from '../support/naive.ts';

/** x and y, [N, C, positions]. */
interface Pair {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly samples: number;
  readonly channels: number;
  readonly positions: number;
}

/** Statistics per sample and channel, straight from their definitions. */
function statisticsOf({ x, y, samples, channels, positions }: Pair): SiteStatistics {
  const rows = Array.from({ length: samples * channels }, (_, row) => {
    const [xs, ys] = [x, y].map((it) => Array.from(it.subarray(row * positions, (row + 1) * positions))) as Two;
    return momentsOf(xs, ys);
  });
  const field = (name: (typeof STATISTICS)[number]) => Float64Array.from(rows, (row) => row[name]);
  const [meanX, varianceX, meanY, varianceY, covariance] = STATISTICS.map(field) as Five;
  return { meanX, varianceX, meanY, varianceY, covariance };
}

type Two = [number[], number[]];
type Five = [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];

function momentsOf(xs: readonly number[], ys: readonly number[]): ChannelMoments {
  const [meanX, meanY] = [mean(xs), mean(ys)];
  return {
    meanX,
    meanY,
    varianceX: mean(xs.map((it) => (it - meanX) ** 2)),
    varianceY: mean(ys.map((it) => (it - meanY) ** 2)),
    covariance: mean(xs.map((it, i) => (it - meanX) * ((ys[i] as number) - meanY))),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Moments of x̂ and y over all samples and positions of a channel, from whole tensors. */
function naiveMoments({ x, y, samples, channels, positions }: Pair, groups: number, epsilon: number, channel: number) {
  const ones = new Array<number>(channels).fill(1);
  const zeros = new Array<number>(channels).fill(0);
  const normalized = naiveGroupNorm(x, [samples, channels, positions], groups, epsilon, ones, zeros).values;
  const at = Array.from(
    { length: samples * positions },
    (_, i) => (Math.floor(i / positions) * channels + channel) * positions + (i % positions),
  );
  const [xs, ys] = [at.map((i) => normalized[i] as number), at.map((i) => y[i] as number)];
  return momentsOf(xs, ys);
}

const SIZES = fc.record({
  samples: fc.integer({ min: 1, max: 5 }),
  groups: fc.integer({ min: 1, max: 4 }),
  size: fc.integer({ min: 1, max: 4 }),
  positions: fc.integer({ min: 1, max: 6 }),
  offset: fc.constantFrom(0, -3, 1000),
  scale: fc.constantFrom(1, 1e-3, 50),
});

/** Numbers of a few digits, some large and far from 0; every sample another mean. */
const PAIR = SIZES.chain(({ samples, groups, size, positions, offset, scale }) => {
  const channels = groups * size;
  const length = samples * channels * positions;
  const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: length, maxLength: length });
  return fc.tuple(numbers, numbers).map(([xs, ys]) => {
    const sampleOf = (index: number) => Math.floor(index / (channels * positions));
    const x = Float64Array.from(xs, (it, index) => offset + sampleOf(index) + (scale * it) / 100);
    const y = Float64Array.from(ys, (it, index) => sampleOf(index) - offset + it / 100);
    return { pair: { x, y, samples, channels, positions }, groups };
  });
});

describe('momentsFor', () => {
  it('has the moments of x̂ and y over whole tensors, for any number of groups', () => {
    fc.assert(
      fc.property(PAIR, fc.constantFrom(1e-5, 0.1), ({ pair, groups }, epsilon) => {
        const found = momentsFor(statisticsOf(pair), pair.channels, groups, epsilon);
        expect(found).to.have.length(pair.channels);
        for (const [channel, moments] of found.entries()) {
          const expected = naiveMoments(pair, groups, epsilon, channel);
          for (const name of STATISTICS) {
            // Values up to 1,500 cost 1e-13 of digits; where a group hardly varies, x̂ has them divided by √ε.
            const near = 1e-9 * (1 + Math.abs(expected[name]));
            expect(moments[name], `${name} of ${channel}`).to.be.closeTo(expected[name], near);
          }
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('tells no moments of x̂ where nothing varies but the sample', () => {
    const x = Float64Array.of(5, 5, 7, 7);
    const pair = { x, y: x, samples: 2, channels: 1, positions: 2 };
    const [moments] = momentsFor(statisticsOf(pair), 1, 1, 1e-5);
    expect(moments).to.deep.equal({ meanX: 0, varianceX: 0, meanY: 6, varianceY: 1, covariance: 0 });
  });
});

describe('joinStatistics', () => {
  it('makes of parts what the whole has', () => {
    fc.assert(
      fc.property(PAIR, fc.array(fc.nat(4), { maxLength: 3 }), ({ pair, groups }, cuts) => {
        const whole = statisticsOf(pair);
        const ends = [...cuts.map((cut) => cut % (pair.samples + 1)), pair.samples].sort((a, b) => a - b);
        const parts = ends.map((end, index) => {
          const from = (ends[index - 1] ?? 0) * pair.channels;
          const slice = (field: Float64Array) => field.slice(from, end * pair.channels);
          const [meanX, varianceX, meanY, varianceY, covariance] = STATISTICS.map((it) => slice(whole[it])) as Five;
          return { meanX, varianceX, meanY, varianceY, covariance };
        });
        const joined = joinStatistics(parts);
        expect(joined).to.deep.equal(whole);
        expect(momentsFor(joined, pair.channels, groups, 1e-5)).to.deep.equal(
          momentsFor(whole, pair.channels, groups, 1e-5),
        );
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('has nothing of no parts', () => {
    expect(joinStatistics([]).meanX).to.have.length(0);
  });
});

describe('leaveOut', () => {
  /** Two channels; sample s has the number 10 s + its row in the channel. */
  const of = (samples: number, rows: number): SiteStatistics => {
    const numbers = () =>
      Float64Array.from({ length: samples * rows * 2 }, (_, i) => 10 * Math.floor(i / (2 * rows)) + (i % (2 * rows)));
    return { meanX: numbers(), varianceX: numbers(), meanY: numbers(), varianceY: numbers(), covariance: numbers() };
  };

  it('takes the rows of samples away, in whatever order they were run', () => {
    for (const rows of [1, 3]) {
      const found = leaveOut(of(3, rows), 2, [7, 2, 5], [2]);
      for (const field of STATISTICS) {
        expect([...new Set(Array.from(found[field], (it) => Math.floor(it / 10)))], field).to.deep.equal([0, 2]);
        expect(found[field]).to.have.lengthOf(2 * rows * 2);
      }
    }
  });

  it('leaves all where rows are not those of samples, or none would be left', () => {
    const all = of(3, 1);
    expect(leaveOut(all, 2, [1, 2], [2])).to.equal(all);
    expect(leaveOut(all, 2, [1, 2, 3], [1, 2, 3])).to.equal(all);
  });
});
