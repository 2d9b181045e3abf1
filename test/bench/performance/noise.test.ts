import { expect } from 'chai';
import { Noise } from '../../../bench/performance/noise.ts';

function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}

describe('bench/performance/noise', () => {
  const size = 4 * 200_000;

  it('has the deviation that was asked for, and no mean', () => {
    const values = floats(new Noise(size, 0.5).read(0, size));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    // 65,537 numbers repeat: the standard error of the mean is 0.002, of the deviation less.
    expect(mean).to.be.closeTo(0, 0.01);
    expect(Math.sqrt(variance)).to.be.closeTo(0.5, 0.01);
  });

  it('reads the same bytes however it is cut, also across its period', () => {
    const noise = new Noise(size, 1);
    const whole = noise.read(0, size);
    for (const [start, end] of [
      [0, 0],
      [1, 7],
      [4 * 65_537 - 3, 4 * 65_537 + 5],
      [13, size],
    ] as const) {
      expect(Buffer.compare(noise.read(start, end), whole.subarray(start, end)), `${start}`).to.equal(0);
    }
  });

  it('is the same for the same seed, another for another', () => {
    const first = (seed: number) => Buffer.from(new Noise(64, 1, seed).read(0, 64)).toString('hex');
    expect(first(1)).to.equal(first(1)).and.not.equal(first(2));
  });
});
