import { expect } from 'chai';
import { Random } from '../../../src/inputs/random.ts';
import { Confusion } from '../../../src/train/tasks/confusion.ts';

/** Pairs of what is right and what was answered; the last class is never right, the one before never answered. */
function pairs(count: number): (readonly [right: number, answered: number])[] {
  const random = new Random(4);
  return Array.from({ length: count }, () => {
    const answered = random.integer(4);
    return [random.integer(4), answered === 3 ? 4 : answered] as const;
  });
}

describe('train/tasks/confusion', () => {
  const given = pairs(200);
  const table = new Confusion(5);
  for (const [right, answered] of given) table.add(right, answered);
  const count = (test: (right: number, answered: number) => boolean) => given.filter(([a, b]) => test(a, b)).length;

  it('counts pairs, rows of what is right', () => {
    expect(table.rows()).to.deep.equal(
      [0, 1, 2, 3, 4].map((right) => [0, 1, 2, 3, 4].map((answered) => count((a, b) => a === right && b === answered))),
    );
  });

  it('tells recall and precision of the classes that are there, and no precision of one that is never answered', () => {
    const classes = table.classes();
    expect(classes.map(({ label }) => label)).to.deep.equal([0, 1, 2, 3]);
    for (const { label, count: of, figures } of classes) {
      const right = count((a, b) => a === label && b === label);
      expect(of).to.equal(count((a) => a === label));
      expect(figures.recall).to.equal(right / of);
      if (label === 3) expect(figures).to.deep.equal({ recall: 0 });
      else expect(figures.precision).to.equal(right / count((_, b) => b === label));
    }
  });

  it('tells the share of what either has that both have; nothing of a class that neither has', () => {
    for (const label of [0, 1, 2, 3, 4]) {
      const either = count((a, b) => a === label || b === label);
      expect(table.overlap(label)).to.equal(count((a, b) => a === label && b === label) / either);
    }
    expect(new Confusion(2).overlap(1)).to.equal(undefined);
  });

  it('adds the counts of others as often as they count, or not at all', () => {
    const [sum, expected] = [new Confusion(5), new Confusion(5)];
    sum.addAll(table.counts(), 3);
    sum.addAll(table.counts(), 0);
    sum.addAll([[7, 2]]);
    for (let time = 0; time < 3; time++) for (const [right, answered] of given) expected.add(right, answered);
    for (let time = 0; time < 2; time++) expected.add(1, 2);
    expect(sum.rows()).to.deep.equal(expected.rows());
  });
});
