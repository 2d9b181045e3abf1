import { expect } from 'chai';
import type { FinetuneFacts } from '../../../src/jobs/finetune.ts';
import type { Outcome } from '../../../src/jobs/outcome.ts';
import { precision } from '../../../src/report/sections/precision.ts';
import { reportOn } from '../../support/reports.ts';

type Curves = readonly (readonly number[] | undefined)[];
const scored = (curves: Curves) => ({
  value: 0.5,
  detail: '',
  classes: curves.map((curve, label) => ({ label, count: 1, figures: {}, ...(curve && { curve }) })),
});

function charts(before: Curves | null, after: Curves | null): string[] {
  const sides = { before: before && scored(before), after: after && scored(after) };
  const finetune = { task: 'detect', classes: ['cat', 'dog'], ...sides } as unknown as FinetuneFacts;
  return precision
    .blocks({ finetune } as Outcome, reportOn().call)
    .map((block) => (block.kind === 'chart' ? `${block.title}: ${/AP50: (.*)\.$/.exec(block.description)?.[1]}` : ''));
}

describe('report/sections/precision', () => {
  it('has a chart of all classes, whose area is the mean over them, and a small one for each', () => {
    expect(
      charts(
        [
          [1, 0],
          [0, 0],
        ],
        [
          [1, 1],
          [1, 0],
        ],
      ),
    ).to.deep.equal(['All classes: 0.25 before, 0.75 after', 'cat: 0.5 before, 1 after', 'dog: 0 before, 0.5 after']);
  });

  it('has one chart of a single class, and says nothing of a side that has no curve', () => {
    expect(charts(null, [[1, 0.5]])).to.deep.equal(['All classes: 0.75 after']);
    expect(charts([undefined, [1, 1]], [undefined, undefined])).to.deep.equal(['All classes: 1 before']);
    expect(charts([[1, 1]], [undefined, [1, 0]])).to.deep.equal([
      'All classes: 1 before, 0.5 after',
      'cat: 1 before',
      'dog: 0.5 after',
    ]);
  });

  it('has no more small charts than are looked at', () => {
    expect(charts(null, Array(40).fill([1, 1]))).to.have.length(13);
  });

  it('is left out of what is no detector', () => {
    expect(charts([undefined], null)).to.deep.equal([]);
    expect(precision.blocks({} as Outcome, reportOn().call)).to.deep.equal([]);
  });
});
