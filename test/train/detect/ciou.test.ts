import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { type Box, overlapOf } from '../../../src/measure/boxes/box.ts';
import { fitOf } from '../../../src/train/detect/ciou.ts';

function boxOf(random: Random): Box {
  const [x, y] = [100 * random.uniform(), 100 * random.uniform()];
  return [x, y, x + 5 + 60 * random.uniform(), y + 5 + 60 * random.uniform()];
}

describe('fitOf', () => {
  it('has the overlap of boxes, 1 for the same box, and less than 0 for boxes far apart', () => {
    const random = new Random(1);
    for (let i = 0; i < 200; i++) {
      const [a, b] = [boxOf(random), boxOf(random)];
      expect(fitOf(a, b).iou).to.be.closeTo(overlapOf(a, b), 1e-12);
      expect(fitOf(a, a).ciou).to.be.closeTo(1, 1e-12);
    }
    expect(fitOf([0, 0, 1, 1], [9, 9, 10, 10]).ciou).to.be.below(-0.5);
  });

  it('follows the formula on a case worked out by hand', () => {
    // 2 × 4 inside 4 × 4, left: overlap 8 / 16; centres 1 apart, diagonal² 32; v = 4/π² (π/4 − atan ½)².
    const v = (4 / Math.PI ** 2) * (Math.PI / 4 - Math.atan(0.5)) ** 2;
    const expected = 0.5 - 1 / 32 - (v * v) / (0.5 + v);
    expect(fitOf([0, 0, 2, 4], [0, 0, 4, 4]).ciou).to.be.closeTo(expected, 1e-14);
  });

  it('has the gradient that central differences have in float64', () => {
    const random = new Random(2);
    const h = 1e-5;
    for (let i = 0; i < 300; i++) {
      const [a, b] = [boxOf(random), boxOf(random)];
      for (const corner of [0, 1, 2, 3] as const) {
        const moved = (by: number): Box =>
          a.map((it, at) => it + (at === corner ? by : 0)) as [number, number, number, number];
        const measured = (fitOf(moved(h), b).ciou - fitOf(moved(-h), b).ciou) / (2 * h);
        // Second-order error h² and rounding 1e-16/h, both near 1e-10; values are of the order of 1e-2.
        expect(fitOf(a, b).gradient[corner], `${a} ${b} ${corner}`).to.be.closeTo(measured, 1e-8);
      }
    }
  });

  it('pulls a box without an area towards its target', () => {
    const { gradient } = fitOf([50, 50, 50, 50], [10, 10, 20, 20]);
    expect(gradient.every(Number.isFinite)).to.equal(true);
    expect(gradient[0] + gradient[2]).to.be.below(0);
  });
});
