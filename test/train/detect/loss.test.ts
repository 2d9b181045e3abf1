import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import type { Box } from '../../../src/measure/boxes/box.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Value, Values } from '../../../src/runtime/session.ts';
import {
  type Assignment,
  assign,
  type DetectorReading,
  detectionLoss,
  type Lesson,
  labelColumn,
} from '../../../src/train/detect/loss.ts';
import { answeredOf } from '../../../src/train/detect/reading.ts';
import type { ScoreReading } from '../../../src/train/detect/score-loss.ts';
import { MeanGradient } from '../../../src/train/mean-gradient.ts';
import type { HostLoss } from '../../../src/train/types.ts';

const [ROWS, CLASSES] = [6, 3];

/** Corners in pixels, [N, 6, 4], and scores, [N, 6, columns]. */
function readingOf(scores: Partial<ScoreReading> = {}, columns = CLASSES): DetectorReading {
  const table = (output: string, to: number) => ({ output, layout: 'nrc', from: 0, to }) as const;
  return {
    boxes: {
      boxes: [table('boxes', 4)],
      scores: [table('scores', columns)],
      format: 'xyxy',
      factors: [1, 1, 1, 1],
      scale: [1, 1],
    },
    scores: { form: 'sigmoid', objectness: false, background: undefined, ...scores },
    isSet: false,
    isSingle: false,
    size: { width: 64, height: 64 },
  };
}

function outputsOf(seed: number, columns = CLASSES, score = (x: number) => x): Values {
  const random = new Random(seed);
  const corner = () => 4 + 30 * random.uniform();
  const boxes = Array.from({ length: 2 * ROWS }, () => {
    const [x, y] = [corner(), corner()];
    return [x, y, x + 6 + 10 * random.uniform(), y + 6 + 10 * random.uniform()];
  });
  const scores = Array.from({ length: 2 * ROWS * columns }, () => score(random.normal()));
  return {
    boxes: { type: DataType.FLOAT, dims: [2, ROWS, 4], data: Float32Array.from(boxes.flat()) },
    scores: { type: DataType.FLOAT, dims: [2, ROWS, columns], data: Float32Array.from(scores) },
  };
}

const OBJECTS: Lesson['objects'] = [
  { box: [10, 10, 24, 22], label: 1 },
  { box: [30, 20, 40, 44], label: 2 },
];

/** A picture with two objects, and one that a teacher answers; NaN is what it knows nothing of. */
function lessons(columns = CLASSES): Lesson[] {
  const chances = new Float64Array(ROWS * columns).fill(Number.NaN);
  for (let row = 0; row < ROWS; row++) chances[row * columns] = 0.1 * row;
  return [
    {
      objects: OBJECTS,
    },
    { objects: [], chances, taught: [{ row: 3, box: [12, 14, 30, 33], weight: 0.8 }] },
  ];
}

const ASSIGNED: Assignment = [
  [
    { row: 1, object: 0, share: 0.7 },
    { row: 2, object: 0, share: 0.2 },
    { row: 4, object: 1, share: 0.9 },
  ],
  [],
];

/** CIoU as arXiv:2005.03572 writes it, with α as a number of its own, in float64. */
function ciouOf([l, t, r, b]: Box, [x1, y1, x2, y2]: Box): number {
  const both = Math.max(0, Math.min(r, x2) - Math.max(l, x1)) * Math.max(0, Math.min(b, y2) - Math.max(t, y1));
  const iou = both / ((r - l) * (b - t) + (x2 - x1) * (y2 - y1) - both);
  const diagonal = (Math.max(r, x2) - Math.min(l, x1)) ** 2 + (Math.max(b, y2) - Math.min(t, y1)) ** 2;
  const middles = ((l + r - x1 - x2) / 2) ** 2 + ((t + b - y1 - y2) / 2) ** 2;
  const v = (4 / Math.PI ** 2) * (Math.atan((x2 - x1) / (y2 - y1)) - Math.atan((r - l) / (b - t))) ** 2;
  return iou - middles / diagonal - (v * v) / (1 - iou + v);
}

function boxOf({ boxes }: Values, row: number): Box {
  const numbers = (boxes as Value).data as Float32Array;
  return [0, 1, 2, 3].map((it) => numbers[4 * row + it] as number) as unknown as Box;
}

/** Central differences of the loss by one number of an output, whose steps are exact in float32. */
function slopeOf(outputs: Values, output: string, index: number, lossOf: (of: Values) => number): number {
  const value = outputs[output] as Value;
  const at = (step: number) => {
    const data = Float32Array.from(value.data as Float32Array);
    data[index] = (data[index] as number) + step;
    return { x: data[index] as number, loss: lossOf({ ...outputs, [output]: { ...value, data } }) };
  };
  const [after, before] = [at(2 ** -10), at(-(2 ** -10))];
  return (after.loss - before.loss) / (after.x - before.x);
}

describe('train/detect/loss', () => {
  it('is 7.5 of boxes, squared for those of a teacher, and 0.5 of scores, over the sum of what scores should be', () => {
    const outputs = outputsOf(1);
    const total = 0.7 + 0.2 + 0.9 + 0.8;
    const box = (row: number, target: Box) => 1 - ciouOf(boxOf(outputs, row), target);
    const [first, second] = OBJECTS.map((it) => it.box) as [Box, Box];
    const boxes =
      0.7 * box(1, first) + 0.2 * box(2, first) + 0.9 * box(4, second) + 0.8 * box(ROWS + 3, [12, 14, 30, 33]) ** 2;
    let scores = 0;
    for (let row = 0; row < 2 * ROWS; row++) {
      for (let column = 0; column < CLASSES; column++) {
        const own = [1, 2].includes(row) ? [0, row === 1 ? 0.7 : 0.2, 0] : row === 4 ? [0, 0, 0.9] : [0, 0, 0];
        const y = row < ROWS ? (own[column] as number) : column === 0 ? 0.1 * (row - ROWS) : 0;
        const p = 1 / (1 + Math.exp(-Number((outputs.scores as Value).data[row * CLASSES + column])));
        scores -= y * Math.log(p) + (1 - y) * Math.log(1 - p);
      }
    }
    const { loss } = detectionLoss(outputs, lessons(), readingOf(), ASSIGNED);
    expect(loss).to.be.closeTo((7.5 * boxes + 0.5 * scores) / total, 1e-9);
  });

  const squash = (x: number) => 1 / (1 + Math.exp(-x));
  for (const [title, scores, columns, number] of [
    ['a Sigmoid behind it', {}, 3, undefined],
    ['a Sigmoid and an objectness', { objectness: true }, 4, undefined],
    ['probabilities', { form: 'probability' }, 3, squash],
    ['a Softmax whose background is last', { form: 'softmax', background: 3 }, 4, undefined],
    ['a Softmax whose background is first', { form: 'softmax', background: 0 }, 4, undefined],
  ] as const) {
    it(`has the gradient that its own differences have, with ${title}`, () => {
      const outputs = outputsOf(2, columns, number);
      const reading = readingOf(scores, columns);
      const labels = reading.scores.objectness ? columns - 1 : columns;
      const lossOf = (of: Values) => detectionLoss(of, lessons(labels), reading, ASSIGNED).loss;
      const { gradients } = detectionLoss(outputs, lessons(labels), reading, ASSIGNED);
      for (const name of ['boxes', 'scores']) {
        const own = gradients[name]?.data as Float32Array;
        for (const [index, slope] of own.entries()) {
          // α of CIoU counts as fixed, as the paper has it, so slopes of sides differ a little.
          const most = name === 'boxes' ? 0.02 : 1e-4;
          expect(slope, `${name} ${index}`).to.be.closeTo(slopeOf(outputs, name, index, lossOf), most);
        }
      }
    });
  }

  it('moves no box that learns nothing, and divides by 1 where nothing is to be found', () => {
    const outputs = outputsOf(3);
    const { loss, gradients } = detectionLoss(outputs, [{ objects: [] }, { objects: [] }], readingOf());
    expect(new Set(gradients.boxes?.data as Float32Array)).to.deep.equal(new Set([0]));
    const numbers = [...((outputs.scores as Value).data as Float32Array)];
    expect(loss).to.be.closeTo(0.5 * numbers.reduce((sum, x) => sum + Math.log1p(Math.exp(x)), 0), 1e-9);
  });

  it('gives each object one row where nothing suppresses boxes, ten at most else', () => {
    const outputs = outputsOf(4);
    // The middles of all boxes lie in one object.
    const objects = [{ box: [0, 0, 64, 64] as Box, label: 0 }];
    const answered = answeredOf(outputs, readingOf().boxes);
    const rows = (more: Partial<DetectorReading>) =>
      assign(answered, [{ objects }, { objects }], { ...readingOf(), ...more }).map((it) => it.length);
    expect(rows({})).to.deep.equal([ROWS, ROWS]);
    expect(rows({ isSingle: true })).to.deep.equal([1, 1]);
    expect(rows({ isSet: true })).to.deep.equal([1, 1]);
  });

  it('counts classes from behind a background that comes before them', () => {
    const columns = (background: number | undefined) => [0, 1, 2].map((label) => labelColumn(label, { background }));
    expect(columns(undefined)).to.deep.equal([0, 1, 2]);
    expect(columns(0)).to.deep.equal([1, 2, 3]);
    expect(columns(3)).to.deep.equal([0, 1, 2]);
  });

  it('of pictures one by one, weighed by what they count, is that of the batch', () => {
    const outputs = outputsOf(5);
    const picture = (at: number): Values =>
      Object.fromEntries(
        Object.entries(outputs).map(([name, { type, dims, data }]) => {
          const size = data.length / 2;
          return [
            name,
            { type, dims: [1, ...dims.slice(1)], data: (data as Float32Array).slice(at * size, (at + 1) * size) },
          ];
        }),
      );
    const taught = lessons();
    for (const given of [taught, [taught[0] as Lesson, { objects: [] }], [taught[1] as Lesson, { objects: [] }]]) {
      const assigned = [given[0]?.objects.length === 2 ? (ASSIGNED[0] ?? []) : [], []];
      const flat = ({ gradients }: HostLoss, name: string) => Array.from(gradients[name]?.data as Float32Array);
      const whole = detectionLoss(outputs, given, readingOf(), assigned);
      const mean = new MeanGradient(2);
      const sizes = ['boxes', 'scores'].map((name) => (outputs[name]?.data.length ?? 0) / 2);
      for (const at of [0, 1]) {
        const own = detectionLoss(picture(at), [given[at] as Lesson], readingOf(), [assigned[at] ?? []]);
        // Where the other picture is, this one has no gradient.
        const parts = ['boxes', 'scores'].flatMap((name, index) => {
          const none = new Array<number>(sizes[index] as number).fill(0);
          return at === 0 ? [...flat(own, name), ...none] : [...none, ...flat(own, name)];
        });
        mean.add({ loss: own.loss, counted: own.counted, gradient: Float32Array.from(parts) }, 1);
      }
      const { loss, gradient } = mean.result();
      expect(loss).to.be.closeTo(whole.loss, 1e-6);
      const expected = [...flat(whole, 'boxes'), ...flat(whole, 'scores')];
      for (const [at, value] of expected.entries()) expect(gradient[at]).to.be.closeTo(value, 1e-6);
    }
  });
});
