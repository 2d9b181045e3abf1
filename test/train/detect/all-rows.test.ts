import { expect } from 'chai';
import type { Example } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { numbersOf, type Values, withSession } from '../../../src/runtime/session.ts';
import { withAllRows } from '../../../src/train/detect/all-rows.ts';
import { readDetector } from '../../../src/train/detect/find.ts';
import { answeredOf } from '../../../src/train/detect/reading.ts';
import { chanceOf } from '../../../src/train/detect/score-loss.ts';
import { suppressed, yolov8 } from '../../support/detectors.ts';
import { rejection } from '../../support/errors.ts';
import { ranked, twoStages } from '../../support/ranked-detectors.ts';

function example(): Example {
  const random = new Random(3);
  const data = Float32Array.from({ length: 3 * 64 * 64 }, () => random.normal());
  return { inputs: { x: { type: DataType.FLOAT, dims: [1, 3, 64, 64], data } }, target: { kind: 'none' } };
}

const numbers = (values: Values, name: string) =>
  Array.from(numbersOf(values[name] as NonNullable<Values[string]>) ?? []);

describe('withAllRows', () => {
  for (const [name, model] of Object.entries({
    'ranked before they are decoded': ranked(3),
    suppressed: suppressed(3, { rows: 'scores' }),
  })) {
    it(`holds every box that the file answers, with its score: ${name}`, async () => {
      const { inputs } = example();
      const answered = await withSession(model, (session) => session.run(inputs));
      const detector = await readDetector(model, example());
      const values = await withSession(detector.model, (session) => session.run(inputs));
      const { boxes, scores, rows, columns } = answeredOf(values, detector.reading.boxes);
      expect(rows).to.equal(84);
      expect(columns).to.equal(3);
      const labels = numbers(answered, 'labels');
      const [found, chances] = [numbers(answered, 'boxes'), numbers(answered, 'scores')];
      expect(labels.length).to.be.above(3);
      for (const [at, label] of labels.entries()) {
        const own = found.slice(4 * at, 4 * at + 4);
        // Written again, the same nodes give the same numbers but for what ONNX Runtime fuses.
        const same = Array.from({ length: rows }, (_, row) => row).filter((row) =>
          own.every((it, i) => Math.abs(it - (boxes[4 * row + i] as number)) < 1e-3),
        );
        const score = (row: number) => chanceOf(detector.reading.scores, scores, row * columns, columns, label);
        expect(same.some((row) => Math.abs(score(row) - (chances[at] as number)) < 1e-5)).to.equal(true);
      }
    });
  }

  it('takes the scores of each level, and boxes the way back to pixels included', async () => {
    const { why, reading, suppressed: isSuppressed } = await readDetector(ranked(4), example());
    expect(why).to.include('boxes of all rows in boxes/all, and scores in chances8 and 2 more levels');
    expect(why).to.include('xyxy in pixels, scores before their Sigmoid; trained up to the choice of rows');
    expect(reading.boxes.scores).to.have.length(3);
    expect(isSuppressed).to.equal(true);
  });

  it('leaves models that choose nothing', () => {
    expect(withAllRows(yolov8(2))).to.equal(undefined);
  });

  it('refuses detectors of two stages, and names the node', async () => {
    const error = await rejection(readDetector(twoStages(), example()));
    expect(error.code).to.equal('unsupported-model');
    expect(error.describe()).to.include('RoiAlign').and.to.include('a box for each class of each region');
  });
});
