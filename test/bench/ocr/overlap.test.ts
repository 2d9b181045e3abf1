import { expect } from 'chai';
import { overlap, shareFound, textShare } from '../../../bench/ocr/overlap.ts';

describe('bench/ocr/overlap', () => {
  it('is the mean over the pages of intersection over union', () => {
    // Page 1: text at 0, 1 against 1, 2; page 2: the same on both.
    const a = Float32Array.of(0.9, 0.4, 0.1, 0.2, 0, 0.5, 0, 0);
    const b = Float32Array.of(0.2, 0.4, 0.8, 0.1, 0, 0.9, 0, 0);
    expect(overlap(a, b, 2)).to.be.closeTo((1 / 3 + 1) / 2, 1e-12);
    expect(overlap(a, b, 2, 0.45)).to.be.closeTo((0 + 1) / 2, 1e-12);
  });

  it('is 1 where neither finds text and 0 where only one does', () => {
    const none = new Float32Array(4);
    expect(overlap(none, none, 1)).to.equal(1);
    expect(overlap(none, Float32Array.of(1, 0, 0, 0), 1)).to.equal(0);
  });

  it('refuses maps that do not match', () => {
    expect(() => overlap(new Float32Array(4), new Float32Array(5), 1)).to.throw(RangeError);
    expect(() => overlap(new Float32Array(5), new Float32Array(5), 2)).to.throw(RangeError);
  });

  it('counts text and the lines found', () => {
    // Two pages of 3 × 3; on the second, the middle row is text.
    const map = Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0);
    expect(textShare(map)).to.be.closeTo(3 / 18, 1e-12);
    const whole = { x: 0, y: 0, width: 3, height: 3 };
    const corner = { x: 0, y: 0, width: 1, height: 1 };
    expect(shareFound(map, 3, [[whole], [whole, corner]])).to.be.closeTo(1 / 3, 1e-12);
  });
});
