import { expect } from 'chai';
import { decodingOf } from '../../../src/measure/boxes/decoding.ts';
import { detectionsOf } from '../../../src/measure/boxes/read.ts';
import type { Roles } from '../../../src/measure/boxes/roles/types.ts';
import { numbersIn, type Values } from '../../../src/runtime/session.ts';
import { floats, longs, picture } from '../../support/answers.ts';

const roles = (more: Partial<Roles> & Pick<Roles, 'boxes' | 'scores'>): Roles => ({
  objectness: false,
  rows: 'anchors',
  beside: [],
  why: '',
  ...more,
});

const table = (output: string, to: number, from = 0) => ({ output, layout: 'nrc' as const, from, to });

describe('boxes of a detector', () => {
  /** Rows of a DETR with three classes and nothing behind them: so many of a person, class 1, the others of nothing. */
  function crowd(persons: number, rows = 20): Values {
    const scores = Array.from({ length: rows }, (_, row) => (row < persons ? [1, 6, 0, 2] : [1, 0, 0, 5])).flat();
    const boxes = Array.from({ length: rows }, (_, row) => [0.1 + 0.04 * row, 0.5, 0.1, 0.2]).flat();
    return { scores: floats([1, rows, 4], scores), boxes: floats([1, rows, 4], boxes) };
  }

  const sets = roles({ boxes: [table('boxes', 4)], scores: [table('scores', 4)] });

  it('takes the first or the last class for the background, in a picture of a crowd too', () => {
    for (const persons of [3, 15]) {
      const values = crowd(persons);
      const decoding = decodingOf(values, picture(64, 64), sets, { boxFormat: 'cxcywh' });
      expect(decoding, `${persons} of 20`).to.include({ score: 'softmax', background: 3 });
      const found = decoding && detectionsOf(values, picture(64, 64), sets, decoding);
      expect(found?.pictures[0]?.map(({ label }) => label)).to.deep.equal(new Array(persons).fill(1));
      const chance = Math.exp(6) / (Math.exp(1) + Math.exp(6) + Math.exp(0) + Math.exp(2));
      expect(found?.top).to.be.closeTo(chance, 1e-6);
    }
  });

  it('multiplies a share of a Softmax by the objectness, which stands before the classes', () => {
    const values = { scores: floats([1, 1, 3], [0.5, 2, 0]), boxes: floats([1, 1, 4], [8, 8, 4, 4]) };
    const one = roles({ boxes: [table('boxes', 4)], scores: [table('scores', 3)], objectness: true });
    const decoding = decodingOf(values, picture(64, 64), one, { boxFormat: 'cxcywh', boxUnit: 'pixels' });
    const read =
      decoding && detectionsOf(values, picture(64, 64), one, { ...decoding, score: 'softmax', background: undefined });
    expect(read?.top).to.be.closeTo(0.5 * (Math.exp(2) / (Math.exp(2) + 1)), 1e-6);
  });

  it('reads scores before a Softmax however large they are', () => {
    const values = crowd(3);
    const scores = floats(
      [1, 20, 4],
      Array.from(numbersIn(values.scores), (it) => it + 900),
    );
    const decoding = decodingOf(values, picture(64, 64), sets, { boxFormat: 'cxcywh' });
    if (decoding === undefined) throw new TypeError('it is not read');
    const [plain, large] = [values, { ...values, scores }].map((it) =>
      detectionsOf(it, picture(64, 64), sets, decoding),
    );
    expect(large?.pictures[0]).to.have.length(3);
    expect(large?.top).to.equal(plain?.top);
  });

  it('takes the first class where it wins more often than the last', () => {
    const scores = Array.from({ length: 20 }, (_, row) =>
      row === 0 ? [0, 1, 9, 3] : row === 1 ? [0, 1, 2, 9] : [9, 1, 2, 3],
    ).flat();
    const values = { ...crowd(0), scores: floats([1, 20, 4], scores) };
    const decoding = decodingOf(values, picture(64, 64), sets, { boxFormat: 'cxcywh' });
    expect(decoding?.background).to.equal(0);
    const found = decoding && detectionsOf(values, picture(64, 64), sets, decoding);
    // Labels count the background's column, as the file does.
    expect(found?.pictures[0]?.map(({ label, place }) => [place, label])).to.deep.equal([
      [0, 2],
      [1, 3],
    ]);
  });

  it('takes two columns for a class and a background where nearly all rows are sure, and for two classes else', () => {
    const decided = (logits: readonly [number, number][]) => {
      const values = { ...crowd(0), scores: floats([1, 20, 2], logits.flat()) };
      return decodingOf(values, picture(64, 64), { ...sets, scores: [table('scores', 2)] }, { boxFormat: 'cxcywh' });
    };
    const rows = (count: number, [a, b]: [number, number]) =>
      Array.from({ length: count }, (): [number, number] => [a, b]);
    // A DETR of one class.
    expect(decided([...rows(3, [2, -2]), ...rows(17, [-3, 3])])).to.include({ score: 'softmax', background: 1 });
    // Two classes, each with a Sigmoid: nothing but a few objects is above 0.
    expect(decided([...rows(3, [2, -2]), ...rows(17, [-6, -5])])).to.include({
      score: 'sigmoid',
      background: undefined,
    });
    expect(decided([...rows(17, [2, -2]), ...rows(3, [-6, -5])])).to.include({ score: 'sigmoid' });
  });

  it('finds nothing in a picture where no score is high enough, and says what the largest was', () => {
    const of = roles({ boxes: [table('y', 4)], scores: [table('y', 6, 4)], kind: 'probability' });
    const y = floats([2, 2, 6], [1, 1, 3, 3, 0.1, 0.2, 1, 1, 3, 3, 0, 0.24, 1, 1, 3, 3, 0.3, 0.25, 2, 2, 5, 5, 0, 0.9]);
    const decoding = decodingOf({ y }, picture(64, 64), of, { boxFormat: 'xyxy' });
    const found = decoding && detectionsOf({ y }, picture(64, 64), of, decoding);
    expect(found?.pictures.map((list) => list.map(({ label, place }) => [label, place]))).to.deep.equal([
      [],
      [
        [0, 0],
        [1, 1],
      ],
    ]);
    expect(found?.top).to.be.closeTo(0.9, 1e-6);
  });

  it('sorts rows that name their picture, and pictures between them may have none', () => {
    const of = roles({
      boxes: [{ output: 'boxes', layout: 'rc', from: 0, to: 4 }],
      scores: [],
      rows: 'found',
      labels: { output: 'selected', layout: 'rc', from: 1, to: 2 },
      pictures: { output: 'selected', layout: 'rc', from: 0, to: 1 },
    });
    const values = { boxes: floats([2, 4], [0, 0, 1, 1, 2, 2, 4, 4]), selected: longs([2, 3], [2, 7, 5, 0, 1, 9]) };
    const decoding = decodingOf(values, picture(64, 64), of, {});
    const found = decoding && detectionsOf(values, picture(64, 64), of, decoding);
    expect(Array.from(found?.pictures ?? [], (list) => (list ?? []).map(({ label }) => label))).to.deep.equal([
      [1],
      [],
      [7],
    ]);
    expect(found?.top).to.be.NaN;
    const none = { boxes: floats([0, 4], []), selected: longs([0, 3], []) };
    expect(decoding && detectionsOf(none, picture(64, 64), of, decoding)?.pictures).to.deep.equal([[]]);
  });

  it('multiplies an objectness into the scores, both before their Sigmoid', () => {
    const of = roles({ boxes: [table('y', 4)], scores: [table('y', 7, 4)], objectness: true });
    const y = floats([1, 2, 7], [1, 1, 3, 3, 2, -5, 3, 1, 1, 3, 3, -2, 4, -4]);
    const decoding = decodingOf({ y }, picture(64, 64), of, { boxFormat: 'xyxy' });
    expect(decoding).to.include({ score: 'sigmoid', background: undefined });
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    const found = decoding && detectionsOf({ y }, picture(64, 64), of, decoding);
    expect(found?.pictures[0]?.map(({ label }) => label)).to.deep.equal([1]);
    expect(found?.pictures[0]?.[0]?.score).to.be.closeTo(sigmoid(2) * sigmoid(3), 1e-6);
  });

  it('reads cells of the grid, and takes numbers for offsets to anchors where no grid fits', () => {
    const of = roles({ boxes: [table('y', 4)], scores: [table('y', 5, 4)], format: 'yolox', kind: 'probability' });
    const row = (cell: number) => (cell === 65 ? [0.5, 0.25, Math.log(2), 0, 0.9] : [0, 0, 0, 0, 0]);
    const y = floats([1, 84, 5], Array.from({ length: 84 }, (_, cell) => row(cell)).flat());
    const decoding = decodingOf({ y }, picture(64, 64), of, {});
    const found = decoding && detectionsOf({ y }, picture(64, 64), of, decoding);
    // Row 65 is the second cell of the grid with cells of 16 pixels, behind the 64 of the first.
    const box = found?.pictures[0]?.[0]?.box.map((it) => Math.round(1e4 * it) / 1e4);
    expect(box).to.deep.equal([8, -4, 40, 12]);
    expect(decodingOf({ y }, picture(96, 64), of, {})).to.include({ grid: undefined, format: 'anchors' });
  });
});
