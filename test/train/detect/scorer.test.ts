import { expect } from 'chai';
import type { Example, LabelledBox, LeftOut } from '../../../src/inputs/labelled/types.ts';
import { Random } from '../../../src/inputs/random.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import type { Values } from '../../../src/runtime/session.ts';
import type { Detector } from '../../../src/train/detect/find.ts';
import type { ScoreReading } from '../../../src/train/detect/score-loss.ts';
import { boxesOf, FoundScorer, foundIn } from '../../../src/train/detect/scorer.ts';

const SIDE = 64;
const INPUTS: Values = {
  x: { type: DataType.FLOAT, dims: [1, 3, SIDE, SIDE], data: new Float32Array(3 * SIDE * SIDE) },
};

type Row = readonly [left: number, top: number, right: number, bottom: number];

/** A detector of corners in pixels; what it is read by, without a graph. */
function detectorOf(columns: number, scores: Partial<ScoreReading> = {}, suppressed = false): Detector {
  const table = (output: string, to: number) => ({ output, layout: 'nrc', from: 0, to }) as const;
  const boxes = {
    boxes: [table('boxes', 4)],
    scores: [table('scores', columns)],
    format: 'xyxy',
    scale: [1, 1],
  } as const;
  return {
    reading: {
      boxes: { ...boxes, factors: [1, 1, 1, 1] },
      scores: { form: 'probability', objectness: false, background: undefined, ...scores },
      size: { width: SIDE, height: SIDE },
      isSet: !suppressed,
      isSingle: false,
    },
    suppressed,
  } as unknown as Detector;
}

/** Pictures of equally many rows. */
function outputsOf(
  pictures: readonly { readonly boxes: readonly Row[]; readonly scores: readonly number[][] }[],
): Values {
  const rows = pictures[0]?.boxes.length ?? 0;
  const table = (width: number, data: number[]) => {
    return { type: DataType.FLOAT, dims: [pictures.length, rows, width], data: Float32Array.from(data) };
  };
  const width = pictures[0]?.scores[0]?.length ?? 0;
  return {
    boxes: table(
      4,
      pictures.flatMap(({ boxes }) => boxes.flat()),
    ),
    scores: table(
      width,
      pictures.flatMap(({ scores }) => scores.flat()),
    ),
  };
}

function exampleOf(boxes: readonly LabelledBox[], leftOut?: readonly LeftOut[]): Example {
  return { inputs: INPUTS, target: { kind: 'boxes', boxes, leftOut } };
}

interface Truth {
  readonly box: Row;
  readonly label: number;
  readonly ignore: boolean;
  readonly crowd: boolean;
}

interface Found {
  readonly box: Row;
  readonly label: number;
  readonly score: number;
}

/** AP as `cocoeval.py` has it (evaluateImg, accumulate), for one class; objects that are ignored come last, and take any number if crowds or difficult. */
function cocoAp(
  pictures: readonly { readonly found: readonly Found[]; readonly truth: readonly Truth[] }[],
  label: number,
  t: number,
) {
  const rows: { score: number; right: boolean; ignored: boolean }[] = [];
  let positives = 0;
  for (const { found, truth } of pictures) {
    const objects = truth.filter((it) => it.label === label).sort((a, b) => Number(a.ignore) - Number(b.ignore));
    positives += objects.filter((it) => !it.ignore).length;
    const taken = new Set<number>();
    const own = found.filter((it) => it.label === label);
    own.sort((a, b) => b.score - a.score);
    for (const { box, score } of own.slice(0, 100)) {
      let [iou, match] = [Math.min(t, 1 - 1e-10), -1];
      for (const [g, it] of objects.entries()) {
        if (taken.has(g) && !it.ignore) continue;
        if (match > -1 && objects[match]?.ignore === false && it.ignore) break;
        const w = Math.min(box[2], it.box[2]) - Math.max(box[0], it.box[0]);
        const h = Math.min(box[3], it.box[3]) - Math.max(box[1], it.box[1]);
        const both = w > 0 && h > 0 ? w * h : 0;
        const area = (of: Row) => (of[2] - of[0]) * (of[3] - of[1]);
        const own = both / (it.crowd ? area(box) : area(box) + area(it.box) - both);
        if (own < iou) continue;
        [iou, match] = [own, g];
      }
      if (match >= 0) taken.add(match);
      rows.push({ score, right: match >= 0, ignored: match >= 0 && objects[match]?.ignore === true });
    }
  }
  rows.sort((a, b) => b.score - a.score);
  let [tp, fp] = [0, 0];
  const curve: { recall: number; precision: number }[] = [];
  for (const { right, ignored } of rows) {
    if (ignored) continue;
    if (right) tp++;
    else fp++;
    curve.push({ recall: tp / positives, precision: tp / (tp + fp) });
  }
  let sum = 0;
  for (let r = 0; r <= 100; r++) {
    const reached = curve.filter(({ recall }) => recall >= r * 0.01);
    sum += reached.length === 0 ? 0 : Math.max(...reached.map(({ precision }) => precision));
  }
  return sum / 101;
}

/** Objects here and there, some of them crowds or difficult, and rows that hit some of them. */
function pictureOf(random: Random, classes: number) {
  const boxIn = (least: number, most: number): Row => {
    const [w, h] = [least + random.integer(most - least), least + random.integer(most - least)];
    const [x, y] = [random.integer(SIDE - w), random.integer(SIDE - h)];
    return [x, y, x + w, y + h];
  };
  const truth = Array.from({ length: 1 + random.integer(6) }, (): Truth => {
    const kind = random.integer(4);
    return {
      box: kind === 0 ? boxIn(20, 50) : boxIn(6, 20),
      label: random.integer(classes),
      ignore: kind < 2,
      crowd: kind === 0,
    };
  });
  const boxes = Array.from({ length: 24 }, (): Row => {
    const at = truth[random.integer(2 * truth.length)];
    if (at === undefined) return boxIn(4, 24);
    const moved = at.box.map((it) => it + random.integer(5) - 2) as unknown as Row;
    return at.crowd ? boxIn(4, 16) : moved;
  });
  const scores = boxes.map(() => Array.from({ length: classes }, () => Math.fround(random.uniform())));
  return { truth, boxes, scores };
}

describe('train/detect/scorer', () => {
  it('scores as COCO’s own program does, with crowds, difficult objects and classes without any, for each class and in the mean', () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seed);
      const classes = 1 + random.integer(4);
      const pictures = Array.from({ length: 6 }, () => pictureOf(random, classes));
      const names = Array.from({ length: classes }, (_, label) => `class ${label}`);
      const scorer = new FoundScorer(
        detectorOf(classes),
        names.map((_, label) => label),
        names,
      );
      for (const batch of [pictures.slice(0, 4), pictures.slice(4)]) {
        const examples = batch.map(({ truth }) => {
          const drawn = truth.map(({ box: [left, top, right, bottom], label, ...how }) => ({
            left,
            top,
            right,
            bottom,
            label,
            ...how,
          }));
          const objects = drawn.filter(({ ignore }) => !ignore).map(({ ignore: _, crowd: __, ...it }) => it);
          const others = drawn.filter(({ ignore }) => ignore);
          return exampleOf(
            objects,
            others.map(({ ignore: _, crowd, ...it }) => ({ ...it, isCrowd: crowd })),
          );
        });
        scorer.add(outputsOf(batch), examples);
      }
      const all = pictures.map(({ truth, boxes, scores }) => ({
        truth,
        found: boxes.map((box, row): Found => {
          const own = scores[row] as number[];
          const score = Math.max(...own);
          return { box, score, label: own.indexOf(score) };
        }),
      }));
      const there = names.flatMap((_, label) =>
        pictures.some(({ truth }) => truth.some((it) => it.label === label && !it.ignore)) ? [label] : [],
      );
      const { value, figures } = scorer.result();
      if (there.length === 0) {
        expect(value).to.equal(undefined);
        continue;
      }
      const mean = (t: number) => there.reduce((sum, label) => sum + cocoAp(all, label, t), 0) / there.length;
      expect(value, `seed ${seed}`).to.be.closeTo(mean(0.5), 1e-12);
      expect(figures.AP75, `seed ${seed}`).to.be.closeTo(mean(0.75), 1e-12);
      for (const label of there)
        expect(figures[`AP50 of class ${label}`]).to.be.closeTo(cocoAp(all, label, 0.5), 1e-12);
      expect(Object.keys(figures).filter((it) => it.startsWith('AP50 of'))).to.have.length(there.length);
    }
  });

  it('takes a box within a crowd for neither right nor wrong, and one that only touches it for wrong', () => {
    const object = { label: 0, left: 0, top: 0, right: 10, bottom: 10 };
    const region = { label: 0, left: 20, top: 20, right: 60, bottom: 60 };
    const outputs = outputsOf([
      {
        boxes: [
          [0, 0, 10, 10],
          [30, 30, 40, 40],
          [32, 30, 42, 40],
          [12, 25, 22, 35],
        ],
        scores: [[0.5], [0.9], [0.8], [0.4]],
      },
    ]);
    const scoreOf = (leftOut?: readonly LeftOut[]) => {
      const scorer = new FoundScorer(detectorOf(1), [0], ['a']);
      scorer.add(outputs, [exampleOf([object], leftOut)]);
      return scorer.result().figures;
    };
    expect(scoreOf([{ ...region, isCrowd: true }])).to.deep.include({ AP50: 1, 'precision at 0.25': 0.5 });
    // A difficult object is one object: boxes within it are not of it.
    expect(scoreOf([{ ...region, isCrowd: false }])).to.deep.include({ 'precision at 0.25': 0.25 });
    expect(scoreOf()).to.deep.include({ 'precision at 0.25': 0.25 });
    expect(scoreOf([{ ...region, label: 1, isCrowd: true }])).to.deep.include({ 'precision at 0.25': 0.25 });
  });

  it('says nothing of pictures that nobody labelled, and has no score where no objects are drawn', () => {
    const scorer = new FoundScorer(detectorOf(1), [0], ['a']);
    const outputs = outputsOf([{ boxes: [[0, 0, 10, 10]], scores: [[0.9]] }]);
    scorer.add(outputs, [{ inputs: INPUTS, target: { kind: 'none' } }]);
    scorer.add(outputs, [exampleOf([])]);
    expect(scorer.result().value).to.equal(undefined);
    // In an empty picture of the data, what is found is wrong.
    scorer.add(outputs, [exampleOf([{ label: 0, left: 0, top: 0, right: 10, bottom: 10 }])]);
    expect(scorer.result().figures).to.deep.include({ 'recall at 0.25': 1, 'precision at 0.25': 0.5 });
  });

  it('counts classes from behind a background that comes first, and finds nothing in its rows', () => {
    const reading = { form: 'softmax-probability', background: 0 } as const;
    const outputs = outputsOf([
      {
        boxes: [
          [0, 0, 9, 9],
          [20, 20, 30, 30],
        ],
        scores: [
          [0.6, 0.1, 0.3],
          [1, 0, 0],
        ],
      },
    ]);
    const [found = []] = foundIn(outputs, INPUTS, detectorOf(3, reading));
    expect(found.map(({ label, place }) => [label, place])).to.deep.equal([[1, 0]]);
    const [last = []] = foundIn(outputs, INPUTS, detectorOf(3, { ...reading, background: 2 }), 0.05);
    expect(last.map(({ label, place }) => [label, place])).to.deep.equal([
      [0, 1],
      [0, 0],
    ]);
  });

  it('multiplies an objectness into the scores, suppresses only where readers do, and leaves out what is no number', () => {
    const outputs = outputsOf([
      {
        boxes: [
          [0, 0, 10, 10],
          [1, 0, 11, 10],
          [1, 0, 11, 10],
          [40, 40, 50, 50],
        ],
        scores: [
          [0.5, 0.8, 0.1],
          [0.5, 0.7, 0],
          [0.9, 0, 0.9],
          [Number.NaN, 0.9, 0.9],
        ],
      },
    ]);
    const found = (suppressed: boolean) => {
      const [list = []] = foundIn(outputs, INPUTS, detectorOf(3, { objectness: true }, suppressed));
      return list.map(({ label, place, score }) => [place, label, Number(score.toFixed(2))]);
    };
    expect(found(false)).to.deep.equal([
      [2, 1, 0.81],
      [0, 0, 0.4],
      [1, 0, 0.35],
    ]);
    expect(found(true)).to.deep.equal([
      [2, 1, 0.81],
      [0, 0, 0.4],
    ]);
  });

  it('shows boxes by the labels of the data, and those of other classes by the file’s names', () => {
    const outputs = outputsOf([
      {
        boxes: [
          [0, 0, 9, 9],
          [20, 20, 30, 30],
          [40, 40, 50, 50],
        ],
        scores: [
          [0.9, 0],
          [0, 0.8],
          [0.2, 0],
        ],
      },
    ]);
    const answer = boxesOf(outputs, INPUTS, detectorOf(2), [1], ['cat', 'dog']);
    const boxes = answer.kind === 'boxes' ? answer.boxes : [];
    expect(boxes.map(({ label, name }) => [label, name])).to.deep.equal([
      [-1, 'cat'],
      [0, undefined],
    ]);
  });
});
