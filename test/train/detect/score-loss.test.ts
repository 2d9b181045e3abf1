import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { chanceOf, type ScoreReading, scoreLoss } from '../../../src/train/detect/score-loss.ts';

const READINGS: readonly ScoreReading[] = [
  { form: 'sigmoid', objectness: false, background: undefined },
  { form: 'sigmoid', objectness: true, background: undefined },
  { form: 'probability', objectness: false, background: undefined },
  { form: 'probability', objectness: true, background: undefined },
  { form: 'softmax', objectness: false, background: 0 },
  { form: 'softmax-probability', objectness: false, background: 3 },
];
const COLUMNS = 4;

function rowOf({ form }: ScoreReading, random: Random): Float64Array {
  const raw = Float64Array.from({ length: COLUMNS }, () => 2 * random.normal());
  if (form === 'sigmoid' || form === 'softmax') return raw;
  if (form === 'probability') return raw.map((it) => 1 / (1 + Math.exp(-it)));
  const total = raw.reduce((sum, it) => sum + Math.exp(it), 0);
  return raw.map((it) => Math.exp(it) / total);
}

describe('scoreLoss', () => {
  for (const reading of READINGS) {
    const name = `${reading.form}${reading.objectness ? ' with objectness' : ''}`;
    it(`has the gradient that central differences have in float64: ${name}`, () => {
      const random = new Random(4);
      const h = 1e-6;
      for (let i = 0; i < 50; i++) {
        const numbers = rowOf(reading, random);
        const targets = Float64Array.from({ length: COLUMNS }, () => 0);
        targets[random.integer(COLUMNS - 1)] = random.uniform();
        const gradient = new Float64Array(COLUMNS);
        scoreLoss(reading, numbers, 0, COLUMNS, targets, 1.5, gradient);
        for (let column = 0; column < COLUMNS; column++) {
          const at = (by: number) => {
            const moved = numbers.map((it, index) => it + (index === column ? by : 0));
            return scoreLoss(reading, moved, 0, COLUMNS, targets, 1.5, new Float64Array(COLUMNS));
          };
          const measured = (at(h) - at(-h)) / (2 * h);
          // Behind a Sigmoid slopes are as large as 1/p, so the error is a share of them.
          expect(gradient[column]).to.be.closeTo(measured, 1e-5 * Math.max(1, Math.abs(measured)), `column ${column}`);
        }
      }
    });
  }

  it('is the cross-entropy of chances, objectness included', () => {
    const reading = READINGS[1] as ScoreReading;
    const numbers = Float64Array.from([0.3, -1, 2, 0.5]);
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const expected = [1, 2, 3].reduce((sum, column) => {
      const p = sigmoid(0.3) * sigmoid(numbers[column] as number);
      expect(chanceOf(reading, numbers, 0, 4, column - 1)).to.be.closeTo(p, 1e-12);
      return sum - (column === 2 ? Math.log(p) : Math.log(1 - p));
    }, 0);
    const loss = scoreLoss(reading, numbers, 0, 4, Float64Array.from([0, 1, 0]), 1, new Float64Array(4));
    expect(loss).to.be.closeTo(expected, 1e-12);
  });

  it('still moves a positive whose score is 1e-6: behind the Sigmoid, the value before it gets a gradient of −1', () => {
    for (const score of [1e-4, 1e-6, 2e-7]) {
      const gradient = new Float64Array(1);
      scoreLoss(READINGS[2] as ScoreReading, Float64Array.from([score]), 0, 1, Float64Array.from([1]), 1, gradient);
      expect((gradient[0] as number) * score * (1 - score)).to.be.closeTo(-(1 - score), 1e-9);
    }
  });

  it('still moves a positive far below 1e-7, if the value before the Sigmoid is known', () => {
    const gradient = new Float64Array(1);
    scoreLoss(READINGS[0] as ScoreReading, Float64Array.from([-200]), 0, 1, Float64Array.from([1]), 1, gradient);
    expect(gradient[0]).to.be.closeTo(-1, 1e-12);
  });
});
