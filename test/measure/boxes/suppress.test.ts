import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { Random } from '../../../src/inputs/random.ts';
import type { Detection } from '../../../src/measure/boxes/box.ts';
import { suppress } from '../../../src/measure/boxes/suppress.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { numbersOf } from '../../../src/runtime/session.ts';
import { floats } from '../../support/answers.ts';
import { runModel, valueNamed } from '../../support/session.ts';

const CLASSES = 3;
const COUNT = 120;

/** Boxes that overlap often, each of one class. */
function crowd(seed: number): Detection[] {
  const random = new Random(seed);
  return Array.from({ length: COUNT }, (_, place) => {
    const [x, y] = [60 * random.uniform(), 60 * random.uniform()];
    const [w, h] = [10 + 20 * random.uniform(), 10 + 20 * random.uniform()];
    return { box: [x, y, x + w, y + h], score: random.uniform(), label: random.integer(CLASSES), place };
  });
}

/** The same by ONNX Runtime's NonMaxSuppression: picture, class, box. */
async function byRuntime(found: readonly Detection[]): Promise<number[]> {
  const net = new Net({ opset: 13 });
  const boxes = net.input('boxes', [1, COUNT, 4]);
  const scores = net.input('scores', [1, CLASSES, COUNT]);
  const limits = [
    net.weight('most', [1], [COUNT], DataType.INT64),
    net.weight('overlap', [1], [0.5]),
    net.weight('least', [1], [0]),
  ];
  net.node('NonMaxSuppression', [boxes, scores, ...limits], {}, { outputs: ['selected'] });
  net.output('selected', [undefined, 3], DataType.INT64);
  const table = new Float32Array(CLASSES * COUNT).fill(-1);
  for (const [index, { label, score }] of found.entries()) table[label * COUNT + index] = score;
  const feeds = {
    boxes: floats(
      [1, COUNT, 4],
      found.flatMap(({ box }) => box),
    ),
    scores: floats([1, CLASSES, COUNT], table),
  };
  const rows = numbersOf(valueNamed(await runModel(net.model(), feeds), 'selected')) ?? [];
  return Array.from({ length: rows.length / 3 }, (_, row) => rows[3 * row + 2] as number);
}

describe('suppress', () => {
  it('keeps the boxes that ONNX Runtime’s NonMaxSuppression keeps', async () => {
    for (const seed of [1, 2, 3]) {
      const found = crowd(seed);
      const expected = await byRuntime(found);
      const kept = suppress(found).map(({ place }) => place);
      expect(kept.toSorted((a, b) => a - b)).to.deep.equal(expected.toSorted((a, b) => a - b));
      expect(kept.length).to.be.greaterThan(10).and.lessThan(COUNT);
    }
  });

  it('keeps boxes of different classes in the same place', () => {
    const same = { box: [0, 0, 9, 9], score: 0.5, place: 0 } as const;
    expect(
      suppress([
        { ...same, label: 0 },
        { ...same, label: 1 },
      ]),
    ).to.have.length(2);
    expect(
      suppress([
        { ...same, label: 1 },
        { ...same, label: 1 },
      ]),
    ).to.have.length(1);
  });
});
