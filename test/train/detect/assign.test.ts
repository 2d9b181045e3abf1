import { expect } from 'chai';
import type { Box } from '../../../src/measure/boxes/box.ts';
import { alignTasks, matchSets, type Predicted } from '../../../src/train/detect/assign.ts';

/** Rows that predict boxes around points 10 apart, on a line. */
function line(boxes: readonly Box[], scores: readonly number[] = boxes.map(() => 0.5)): Predicted {
  return {
    rows: boxes.length,
    boxOf: (row) => boxes[row] as Box,
    scoreOf: (row, label) => (label === 0 ? (scores[row] as number) : 0.01),
  };
}

const around = (x: number, half: number): Box => [x - half, 0, x + half, 10];

describe('alignTasks', () => {
  it('takes the rows whose cell is inside an object, and no others', () => {
    const predicted = line([5, 15, 25, 35].map((x) => around(x, 10)));
    const points = [5, 5, 15, 5, 25, 5, 35, 5];
    const assigned = alignTasks(predicted, [{ box: [0, 0, 20, 10], label: 0 }], points);
    expect(assigned.map(({ row }) => row)).to.have.members([0, 1]);
  });

  it('takes the middle of what a row predicts if there is no grid', () => {
    const predicted = line([around(50, 10), around(10, 10)]);
    expect(alignTasks(predicted, [{ box: [0, 0, 20, 10], label: 0 }], undefined).map(({ row }) => row)).to.deep.equal([
      1,
    ]);
  });

  it('takes the ten that score and fit best, or one if nothing suppresses the others', () => {
    const boxes = Array.from({ length: 15 }, (_, row) => around(50, 10 + row));
    const points = boxes.flatMap(() => [50, 5]);
    const object = { box: around(50, 10), label: 0 };
    const ten = alignTasks(line(boxes), [object], points);
    expect(ten.map(({ row }) => row)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(alignTasks(line(boxes), [object], points, 1).map(({ row }) => row)).to.deep.equal([0]);
  });

  it('asks for a score as high as the overlap of the best row, and for less from those that fit worse', () => {
    const boxes = [around(50, 10), around(50, 14)];
    const assigned = alignTasks(line(boxes), [{ box: around(50, 10), label: 0 }], [50, 5, 50, 5]);
    const [best, other] = assigned.sort((a, b) => b.share - a.share);
    expect(best).to.deep.include({ row: 0, share: 1 });
    expect(other?.share).to.be.within(0.001, 0.3);
  });

  it('gives a row that two objects want to the one that it fits', () => {
    const predicted = line([around(50, 10)]);
    const objects = [
      { box: around(50, 30), label: 0 },
      { box: around(50, 11), label: 0 },
    ];
    expect(alignTasks(predicted, objects, [50, 5])).to.have.length(1);
    expect(alignTasks(predicted, objects, [50, 5])[0]?.object).to.equal(1);
  });

  it('gives an object between all cells the nearest rows', () => {
    const predicted = line([5, 15, 25, 95, 105].map((x) => around(x, 4)));
    const points = [5, 5, 15, 5, 25, 5, 95, 5, 105, 5];
    const assigned = alignTasks(predicted, [{ box: [7, 1, 9, 3], label: 0 }], points);
    expect(assigned.map(({ row }) => row)).to.have.members([0, 1, 2]);
  });
});

describe('matchSets', () => {
  it('gives each object a row of its own, at the least cost', () => {
    const predicted = line([around(10, 5), around(11, 5), around(60, 5)], [0.9, 0.1, 0.5]);
    const objects = [
      { box: around(11, 5), label: 0 },
      { box: around(10, 5), label: 0 },
      { box: around(60, 5), label: 0 },
    ];
    const rows = matchSets(predicted, objects, { width: 100, height: 10 }).map(({ row }) => row);
    expect(new Set(rows).size).to.equal(3);
    expect(rows[2]).to.equal(2);
  });

  it('leaves out objects beyond the rows', () => {
    const objects = [around(1, 1), around(2, 1), around(3, 1)].map((box) => ({ box, label: 0 }));
    expect(matchSets(line([around(1, 1)]), objects, { width: 10, height: 10 })).to.have.length(1);
  });
});
