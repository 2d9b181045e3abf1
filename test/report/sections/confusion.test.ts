import { expect } from 'chai';
import type { FinetuneFacts } from '../../../src/jobs/finetune.ts';
import type { Outcome } from '../../../src/jobs/outcome.ts';
import { confusion } from '../../../src/report/sections/confusion.ts';
import { reportOn } from '../../support/reports.ts';

const blocksOf = (facts: Partial<FinetuneFacts>) => {
  const finetune = { task: 'classify', classes: null, confusion: null, before: null, ...facts } as FinetuneFacts;
  return confusion.blocks({ finetune } as Outcome, reportOn().call);
};
/** Its table as rows of text, the header first; the caption in front. */
function table(facts: Partial<FinetuneFacts>): string[] {
  const [block] = blocksOf(facts);
  if (block?.kind !== 'table') return [block?.kind === 'text' ? block.text : ''];
  const rows = block.rows.map(({ cells }) => cells.join(' '));
  return [block.caption ?? '', block.columns.map(({ label }) => label).join(' '), ...rows];
}

describe('report/sections/confusion', () => {
  it('shows what is right in rows and what was answered in columns, by the names of classes', () => {
    const rows = [
      [9, 1],
      [2, 8],
    ];
    expect(table({ confusion: rows, classes: ['cat', 'dog'] })).to.deep.equal([
      'Held-out samples after training: rows are what is right, columns what was answered',
      'right cat dog',
      'cat 9 1',
      'dog 2 8',
    ]);
    expect(table({ confusion: rows, task: 'segment' })[0]).to.match(/^Held-out pixels after training/);
  });

  it('shows what was answered before, where training changed nothing', () => {
    const before = { value: 0.5, detail: '', confusion: [[3]] } as unknown as NonNullable<FinetuneFacts['before']>;
    expect(table({ before })).to.deep.equal([
      'Held-out samples before training: rows are what is right, columns what was answered',
      'right 0',
      '0 3',
    ]);
  });

  it('leaves out classes of the output that the data do not name and nobody answered', () => {
    const rows = [
      [4, 0, 1],
      [0, 0, 0],
      [0, 0, 0],
    ];
    expect(table({ confusion: rows, classes: ['cat'] }).slice(1)).to.deep.equal(['right cat 2', 'cat 4 1', '2 0 0']);
  });

  it('lists the most frequent mistakes where there are too many classes for a matrix', () => {
    const rows = Array.from({ length: 30 }, (_, right) =>
      Array.from({ length: 30 }, (_, answered) => (right === answered ? 6 : answered === right + 1 ? right % 5 : 0)),
    );
    const lines = table({ confusion: rows });
    expect(lines.slice(0, 3)).to.deep.equal([
      'The most frequent mistakes on held-out samples after training',
      'right answered samples of the class',
      '4 5 4 40.0 %',
    ]);
    expect(lines).to.have.length(2 + 20);
    const perfect = rows.map((row, right) => row.map((_, answered) => (right === answered ? 1 : 0)));
    expect(table({ confusion: perfect })).to.deep.equal(['No class was taken for another after training.']);
  });

  it('is left out of what has no classes, and of a swap', () => {
    expect(blocksOf({})).to.deep.equal([]);
    expect(confusion.blocks({} as Outcome, reportOn().call)).to.deep.equal([]);
  });
});
