import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import type { BoxFormat } from '../../../src/measure/boxes/formats.ts';
import type { Columns } from '../../../src/measure/boxes/table.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { encodeHalf } from '../../../src/runtime/half.ts';
import type { Value } from '../../../src/runtime/session.ts';
import { answeredOf, type BoxReading, gradientsOf } from '../../../src/train/detect/reading.ts';
import { floats } from '../../support/answers.ts';
import { thrown } from '../../support/errors.ts';

type Corners = readonly [number, number, number, number];

const plain = (more: Partial<BoxReading>): BoxReading => ({
  boxes: [{ output: 'y', layout: 'nrc', from: 0, to: 4 }],
  scores: [{ output: 'y', layout: 'nrc', from: 4, to: 6 }],
  format: 'xyxy',
  factors: [1, 1, 1, 1],
  scale: [1, 1],
  ...more,
});

/** Corners by the definitions of the formats. */
const BY_HAND: Readonly<Record<BoxFormat, (row: number, of: readonly number[], reading: BoxReading) => Corners>> = {
  xyxy: (_, [a = 0, b = 0, c = 0, d = 0], { scale: [x, y] }) => [
    x * Math.min(a, c),
    y * Math.min(b, d),
    x * Math.max(a, c),
    y * Math.max(b, d),
  ],
  cxcywh: (_, [a = 0, b = 0, c = 0, d = 0], { scale: [x, y] }) => [
    x * (a - c / 2),
    y * (b - d / 2),
    x * (a + c / 2),
    y * (b + d / 2),
  ],
  xywh: (_, [a = 0, b = 0, c = 0, d = 0], { scale: [x, y] }) => [x * a, y * b, x * (a + c), y * (b + d)],
  ltrb: (row, [a = 0, b = 0, c = 0, d = 0], { anchors }) => {
    const { x, y, width, height } = anchors?.[row] ?? { x: 0, y: 0, width: 0, height: 0 };
    return [x - a * width, y - b * height, x + c * width, y + d * height];
  },
  yolox: (row, [a = 0, b = 0, c = 0, d = 0], { anchors }) => {
    const corner = anchors?.[row] ?? { x: 0, y: 0, width: 0 };
    const stride = corner.width;
    const [x, y, w, h] = [corner.x + a * stride, corner.y + b * stride, Math.exp(c) * stride, Math.exp(d) * stride];
    return [x - w / 2, y - h / 2, x + w / 2, y + h / 2];
  },
  anchors: (row, [a = 0, b = 0, c = 0, d = 0], { anchors, factors: [p = 0, q = 0, r = 0, s = 0] }) => {
    const { x, y, width, height } = anchors?.[row] ?? { x: 0, y: 0, width: 0, height: 0 };
    const [cx, cy, w, h] = [x + p * a * width, y + q * b * height, Math.exp(r * c) * width, Math.exp(s * d) * height];
    return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];
  },
};

const READINGS: Readonly<Record<string, BoxReading>> = {
  'corners in pixels, in any order': plain({ format: 'xyxy' }),
  'shares of a picture that is wider than high': plain({ format: 'cxcywh', scale: [96, 32] }),
  'corner and sides': plain({ format: 'xywh', scale: [10, 20] }),
  'cells of two grids': plain({
    format: 'yolox',
    anchors: [
      { x: 0, y: 0, width: 8, height: 8 },
      { x: 8, y: 0, width: 8, height: 8 },
      { x: 16, y: 32, width: 16, height: 16 },
    ],
  }),
  'distances in cells of two grids': plain({
    format: 'ltrb',
    anchors: [
      { x: 4, y: 4, width: 8, height: 8 },
      { x: 12, y: 4, width: 8, height: 8 },
      { x: 24, y: 40, width: 16, height: 16 },
    ],
  }),
  'offsets to anchors, with variances': plain({
    format: 'anchors',
    factors: [0.1, 0.15, 0.2, 0.25],
    anchors: [
      { x: 4, y: 8, width: 16, height: 8 },
      { x: 40, y: 8, width: 10, height: 30 },
      { x: 0, y: 64, width: 5, height: 5 },
    ],
  }),
};

/** Two pictures of three rows of four numbers and two scores. */
function numbers(seed: number): Float64Array {
  const random = new Random(seed);
  return Float64Array.from({ length: 36 }, () => random.normal());
}

const held = (data: Float64Array): Value => ({ type: DataType.DOUBLE, dims: [2, 3, 6], data });

describe('answers of a detector', () => {
  for (const [name, reading] of Object.entries(READINGS)) {
    it(`are boxes in pixels: ${name}`, () => {
      const y = numbers(1);
      const { boxes, scores, ...sizes } = answeredOf({ y: held(y) }, reading);
      expect(sizes).to.deep.equal({ pictures: 2, rows: 3, columns: 2 });
      for (let at = 0; at < 6; at++) {
        const own = Array.from(y.subarray(6 * at, 6 * at + 6));
        const wanted = BY_HAND[reading.format](at % 3, own, reading);
        for (const [i, it] of wanted.entries()) expect(boxes[4 * at + i], `${at}.${i}`).to.be.closeTo(it, 1e-12);
        expect(Array.from(scores.subarray(2 * at, 2 * at + 2))).to.deep.equal(own.slice(4));
      }
    });

    it(`get the gradient of any loss of theirs: ${name}`, () => {
      const y = numbers(2);
      const weights = Float64Array.from(numbers(3).subarray(0, 24), (it) => it);
      const ofScores = Float64Array.from(numbers(4).subarray(0, 12), (it) => it);
      // A weighted sum of squares of corners, and of scores.
      const lossAt = (data: Float64Array) => {
        const { boxes, scores } = answeredOf({ y: held(data) }, reading);
        const sum = (of: Float64Array, by: Float64Array) =>
          of.reduce((all, it, i) => all + (by[i] as number) * it * it, 0);
        return sum(boxes, weights) + sum(scores, ofScores);
      };
      const { boxes, scores } = answeredOf({ y: held(y) }, reading);
      const { y: gradient } = gradientsOf({ y: held(y) }, reading, {
        boxes: boxes.map((it, i) => 2 * (weights[i] as number) * it),
        scores: scores.map((it, i) => 2 * (ofScores[i] as number) * it),
      });
      expect(gradient?.dims).to.deep.equal([2, 3, 6]);
      for (let i = 0; i < y.length; i++) {
        const [up, down] = [1e-5, -1e-5].map((step) => lossAt(y.map((it, at) => (at === i ? it + step : it))));
        const slope = ((up as number) - (down as number)) / 2e-5;
        expect(gradient?.data[i], String(i)).to.be.closeTo(slope, 1e-4 * Math.max(1, Math.abs(slope)));
      }
    });
  }

  it('are means of distributions over distances, which get the gradient of any loss of theirs', () => {
    const reading = plain({
      boxes: [{ output: 'y', layout: 'nrc', from: 2, to: 14, bins: 3 }],
      scores: [{ output: 'y', layout: 'nrc', from: 0, to: 2 }],
      format: 'ltrb',
      anchors: [
        { x: 4, y: 4, width: 8, height: 8 },
        { x: 24, y: 40, width: 16, height: 16 },
      ],
    });
    const random = new Random(5);
    const y = Float64Array.from({ length: 28 }, () => random.normal());
    const tableOf = (data: Float64Array): Value => ({ type: DataType.DOUBLE, dims: [1, 2, 14], data });
    const { boxes, scores } = answeredOf({ y: tableOf(y) }, reading);
    const shares = [2, 3, 4].map((bin) => Math.exp(y[bin] as number));
    const [a = 0, b = 0, c = 0] = shares;
    expect(boxes[0], 'left side').to.be.closeTo(4 - (8 * (b + 2 * c)) / (a + b + c), 1e-12);
    const weights = Float64Array.from(boxes, () => random.normal());
    const { y: gradient } = gradientsOf({ y: tableOf(y) }, reading, {
      boxes: weights.slice(),
      scores: scores.map(() => 3),
    });
    for (let i = 0; i < y.length; i++) {
      const at = (by: number) => {
        const other = answeredOf({ y: tableOf(y.map((it, index) => (index === i ? it + by : it))) }, reading);
        const ofBoxes = other.boxes.reduce((sum, it, index) => sum + (weights[index] as number) * it, 0);
        return ofBoxes + other.scores.reduce((sum, it) => sum + 3 * it, 0);
      };
      expect(gradient?.data[i], String(i)).to.be.closeTo((at(1e-5) - at(-1e-5)) / 2e-5, 1e-5);
    }
  });

  it('leave numbers without a part in boxes or scores without a gradient: landmarks, masks, the padding of a batch', () => {
    const columns = (from: number, to: number): Columns => ({ output: 'y', layout: 'ncr', from, to });
    const reading = plain({ boxes: [columns(1, 5)], scores: [columns(6, 7)] });
    const y = floats(
      [1, 8, 2],
      Float32Array.from({ length: 16 }, (_, i) => i),
    );
    const { y: gradient } = gradientsOf({ y }, reading, {
      boxes: new Float64Array(8).fill(1),
      scores: new Float64Array(2).fill(3),
    });
    expect(Array.from(gradient?.data as Float32Array)).to.deep.equal([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 3, 3, 0, 0]);
  });

  it('come from maps of several sizes, the anchors of a cell one behind the other', () => {
    const map = (output: string, to: number): Columns => ({ output, layout: 'maps', from: 0, to, each: to });
    const reading = plain({ boxes: [map('b/0', 4), map('b/1', 4)], scores: [map('s/0', 1), map('s/1', 1)] });
    // Two anchors a cell: 2 × 1 cells, then one. The tens are the anchor, the hundreds the column.
    const large = Array.from({ length: 8 }, (_, channel) =>
      [0, 1].map((cell) => 100 * (channel % 4) + 10 * Math.floor(channel / 4) + cell),
    ).flat();
    const small = Array.from({ length: 8 }, (_, channel) => 100 * (channel % 4) + 10 * Math.floor(channel / 4) + 5);
    const values = {
      'b/0': floats([1, 8, 2, 1], large),
      'b/1': floats([1, 8, 1, 1], small),
      's/0': floats([1, 2, 2, 1], [0, 1, 10, 11]),
      's/1': floats([1, 2, 1, 1], [5, 15]),
    };
    const { boxes, scores, rows } = answeredOf(values, reading);
    expect(rows).to.equal(6);
    expect(Array.from(scores)).to.deep.equal([0, 1, 10, 11, 5, 15]);
    const wanted = [0, 1, 10, 11, 5, 15].flatMap((it) => [it, 100 + it, 200 + it, 300 + it]);
    expect(Array.from(boxes)).to.deep.equal(wanted);
    const back = gradientsOf(values, reading, { boxes: Float64Array.from(wanted), scores: Float64Array.from(scores) });
    for (const [name, { dims, data }] of Object.entries(values)) {
      expect(back[name]?.dims, name).to.deep.equal(dims);
      expect(Array.from(back[name]?.data as Float32Array), name).to.deep.equal(Array.from(data as Float32Array));
    }
  });

  it('may be float16, and get gradients that are float32', () => {
    const numbers16 = [1, 2, 5, 7.5, 0.25, -3];
    const y: Value = { type: DataType.FLOAT16, dims: [1, 1, 6], data: encodeHalf(numbers16) };
    const { boxes, scores } = answeredOf({ y }, plain({}));
    expect(Array.from(boxes)).to.deep.equal([1, 2, 5, 7.5]);
    expect(Array.from(scores)).to.deep.equal([0.25, -3]);
    const { y: gradient } = gradientsOf({ y }, plain({}), {
      boxes: Float64Array.of(1, 2, 3, 4),
      scores: Float64Array.of(5, 6),
    });
    expect(gradient?.type).to.equal(DataType.FLOAT);
    expect(Array.from(gradient?.data as Float32Array)).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it('are refused by name where boxes and scores do not belong together, or an output is no table', () => {
    const two = plain({
      boxes: [{ output: 'boxes', layout: 'nrc', from: 0, to: 4 }],
      scores: [{ output: 'scores', layout: 'nrc', from: 0, to: 2 }],
    });
    const values = { boxes: floats([1, 3, 4], new Float32Array(12)), scores: floats([1, 2, 2], new Float32Array(4)) };
    expect(thrown(() => answeredOf(values, two)).describe()).to.include(
      '3 rows of boxes and 2 of scores in boxes and scores',
    );
    const flat = { ...values, scores: floats([6], new Float32Array(6)) };
    expect(thrown(() => answeredOf(flat, two)).describe()).to.include('scores does not hold a table');
    expect(thrown(() => answeredOf({ boxes: values.boxes }, two)).describe()).to.include(
      'scores does not hold a table',
    );
    expect(thrown(() => answeredOf(values, { ...two, scores: [] })).describe()).to.include('--scores');
    // One picture's boxes for all pictures' scores would be read from beyond their end.
    const batch = { ...values, scores: floats([2, 3, 2], new Float32Array(12)) };
    expect(thrown(() => answeredOf(batch, two)).describe()).to.match(
      /tables of 1 and of 2 pictures, of boxes or of scores in boxes and scores/,
    );
  });
});
