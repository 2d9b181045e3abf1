import { expect } from 'chai';
import { KeptMeter } from '../../../src/measure/kept.ts';
import type { Model } from '../../../src/onnx/model.ts';
import type { Values } from '../../../src/runtime/session.ts';
import { answers, floats, longs, picture } from '../../support/answers.ts';
import { ANCHORS, retinaFace, ssd, suppressed, yolov8, yolox } from '../../support/detectors.ts';

function judged(model: Model, source: Values, rewritten: Values, options = {}) {
  const meter = new KeptMeter(model, options);
  meter.add(answers(source, rewritten, picture(64, 64)), 1);
  return meter.result();
}

/** An output of YOLOv8 with three classes, [1, 7, 84], with so many boxes in a row, 12 pixels wide and 20 apart. */
function table(boxes: readonly { x: number; score: number; label: number }[]): Values {
  const data = new Float32Array(7 * ANCHORS);
  for (const [row, { x, score, label }] of boxes.entries()) {
    for (const [column, number] of [x, 30, 12, 12].entries()) data[column * ANCHORS + row] = number;
    data[(4 + label) * ANCHORS + row] = score;
  }
  return { output: floats([1, 7, ANCHORS], data) };
}

const five = [10, 30, 50, 70, 90].map((x) => ({ x, score: 0.9, label: 1 }));

describe('detect', () => {
  const model = yolov8(3);

  it('keeps everything where nothing changed, whatever the order of the rows', () => {
    const { kept, tasks } = judged(model, table(five), table(five.toReversed()));
    expect(kept).to.equal(1);
    expect(tasks[0]).to.include({
      task: 'detect',
      detail: 'recall 1.000, precision 1.000 of 5 boxes, mean score 0.900 → 0.900',
    });
  });

  it('counts boxes that are lost, and boxes that are new, by hand', () => {
    // Two of five are gone, one is of another class, one is new: 2 are left, of 5 and of 4.
    const after = [five[0], five[1], { x: 50, score: 0.9, label: 0 }, { x: 130, score: 0.9, label: 1 }];
    const { kept, tasks } = judged(model, table(five), table(after as typeof five));
    expect(tasks[0]?.figures).to.include({ recall: 2 / 5, precision: 2 / 4, boxes: 5, found: 4 });
    expect(kept).to.equal(2 / 5);
  });

  it('sees scores that shrink below what counts, which no cosine shows', () => {
    const half = five.map((it, index) => ({ ...it, score: index < 3 ? 0.24 : 0.5 }));
    const { kept, tasks } = judged(model, table(five), table(half));
    expect(kept).to.equal(2 / 5);
    expect(tasks[0]?.figures.scoreAfter).to.be.closeTo(0.5, 1e-6);
  });

  it('counts one box for each object, where the graph suppresses none', () => {
    const doubled = [...five, ...five.map((it) => ({ ...it, x: it.x + 1, score: 0.8 }))];
    expect(judged(model, table(doubled), table(five)).tasks[0]?.figures).to.include({
      boxes: 5,
      recall: 1,
      precision: 1,
    });
  });

  it('has nothing to compare where neither model finds anything, and keeps nothing where only one does', () => {
    expect(judged(model, table([]), table([]))).to.include({ kept: null });
    expect(judged(model, table(five), table([]))).to.include({ kept: 0 });
    const more = judged(model, table([]), table(five));
    expect(more.kept).to.equal(0);
    // How boxes are to be read is seen in the source's, of which there are none.
    expect(more.tasks[0]?.detail).to.match(/^the source finds no box, the new model [45]$/);
  });

  it('says that the source sees nothing if its best score is near 0', () => {
    const low = table(five.map((it) => ({ ...it, score: 0.018 })));
    expect(judged(model, low, low).doubts).to.deep.equal(['the source’s best score on all inputs is 0.018']);
    expect(judged(model, table(five), table(five)).doubts).to.deep.equal([]);
  });

  it('matches rows behind NonMaxSuppression by box and class, however many there are', () => {
    const found = (boxes: readonly (readonly number[])[], labels: readonly number[]): Values => ({
      boxes: floats([boxes.length, 4], boxes.flat()),
      selected: longs(
        [boxes.length, 3],
        labels.flatMap((label, row) => [0, label, row]),
      ),
    });
    const source = found(
      [
        [0, 0, 9, 9],
        [20, 20, 40, 40],
        [50, 0, 60, 9],
      ],
      [0, 1, 1],
    );
    const rewritten = found(
      [
        [50, 0, 60, 9],
        [0, 0, 9, 9],
      ],
      [1, 1],
    );
    const { kept, tasks, unjudged } = judged(suppressed(2), source, rewritten);
    expect(tasks).to.have.length(1);
    expect(tasks[0]?.figures).to.include({ recall: 1 / 3, precision: 1 / 2, scoreBefore: null });
    expect(kept).to.equal(1 / 3);
    expect(unjudged).to.deep.equal([]);
    expect(judged(suppressed(2), found([], []), found([], []))).to.include({ kept: null });
  });

  it('decodes the cells of YOLOX, so that what moved by a cell is another box', () => {
    const cell = (row: number): Values => {
      const data = new Float32Array(ANCHORS * 6);
      data.set([0.5, 0.5, Math.log(1), Math.log(1), 0.9, 0.9], row * 6);
      return { output: floats([1, ANCHORS, 6], data) };
    };
    expect(judged(yolox(1), cell(9), cell(9)).tasks[0]?.figures.scoreBefore).to.be.closeTo(0.81, 1e-6);
    expect(judged(yolox(1), cell(9), cell(9)).kept).to.equal(1);
    expect(judged(yolox(1), cell(9), cell(10)).kept).to.equal(0);
    expect(judged(yolox(1), cell(9), cell(9)).tasks[0]?.why).to.match(/yolox in cells/);
  });

  it('leaves out the background of a Softmax', () => {
    // All say background but one, which says class 2 in the source and background in the rewritten model.
    const rows = (other: number): Values => ({
      scores: floats(
        [1, ANCHORS, 3],
        Array.from({ length: ANCHORS }, (_, row) => (row === other ? [0.1, 0.2, 0.7] : [0.9, 0.05, 0.05])).flat(),
      ),
      boxes: floats([1, ANCHORS, 4], Array.from({ length: ANCHORS }, (_, row) => [row, 0, row + 5, 5]).flat()),
    });
    expect(judged(ssd(3, true), rows(3), rows(3)).tasks[0]?.figures).to.include({ boxes: 1, recall: 1 });
    expect(judged(ssd(3, true), rows(3), rows(-1)).kept).to.equal(0);
  });

  it('matches by place where anchors are not in the file', () => {
    const maps = (places: readonly number[]): Values => {
      const levels = [8, 4, 2].map((side, level): [string, ReturnType<typeof floats>][] => {
        const area = side * side;
        const scores = new Float32Array(4 * area);
        if (level === 0) for (const place of places) scores[2 * area + place] = 0.9;
        return [
          [`score${level}`, floats([1, 4, side, side], scores)],
          [`box${level}`, floats([1, 8, side, side], new Float32Array(8 * area))],
          [`landmark${level}`, floats([1, 20, side, side], new Float32Array(20 * area))],
        ];
      });
      return Object.fromEntries(levels.flat());
    };
    // Places of both anchors: 64 cells each.
    const { kept, tasks } = judged(retinaFace(), maps([3, 5, 70, 100]), maps([3, 70, 101]));
    expect(tasks[0]?.figures).to.include({ recall: 2 / 4, precision: 2 / 3, boxes: 4, found: 3 });
    expect(kept).to.equal(0.5);
  });

  it('reads logits as logits', () => {
    const logits = (score: number) => {
      const { output } = table([]);
      const data = Float32Array.from(output?.data as Float32Array).fill(-9, 4 * ANCHORS);
      data.set([30], 0);
      for (const [column, number] of [30, 30, 12, 12, score].entries()) data[column * ANCHORS] = number;
      return { output: floats([1, 7, ANCHORS], data) };
    };
    const options = { boxes: 'output', scores: 'output' };
    // 1/(1 + e^1.2) is 0.23.
    expect(judged(model, logits(2), logits(-1.2), options).kept).to.equal(0);
    expect(judged(model, logits(2), logits(1), options).tasks[0]?.figures.scoreBefore).to.be.closeTo(
      1 / (1 + Math.exp(-2)),
      1e-6,
    );
  });
});
