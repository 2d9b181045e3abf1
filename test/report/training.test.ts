import { expect } from 'chai';
import type { ComparedRow } from '../../src/jobs/compare-finetune/types.ts';
import type { TrainingFacts } from '../../src/jobs/outcome.ts';
import { trainingCells, trainingRefusals } from '../../src/report/training.ts';

const row = (batch: number, more: Partial<ComparedRow> = {}): ComparedRow => ({
  name: 'bn-frozen',
  title: 'BN frozen',
  batch,
  before: 0.25,
  scores: [0.5, 0.75],
  rate: 0.001,
  refused: null,
  ...more,
});
const facts = (...rows: readonly ComparedRow[]) =>
  ({ rows, batches: [...new Set(rows.map(({ batch }) => batch))] }) as unknown as TrainingFacts;

describe('report/training', () => {
  it('shows the scores of each batch, and the rate of each where they differ', () => {
    expect(trainingCells(facts(row(1)))).to.deep.equal({
      head: ['row', 'before', 'batch 1', 'rate'],
      cells: [['BN frozen', '0.250', '0.625 (0.500–0.750)', '0.001']],
    });
    const two = trainingCells(facts(row(1), row(8, { scores: [0.5], rate: 0.03 })));
    expect(two.head).to.deep.equal(['row', 'before', 'batch 1', 'batch 8', 'rates']);
    expect(two.cells).to.deep.equal([['BN frozen', '0.250', '0.625 (0.500–0.750)', '0.500', '0.001, 0.03']]);
    expect(trainingCells(facts(row(1), row(8))).cells[0]?.at(-1)).to.equal('0.001');
    const refused = row(8, { scores: [], rate: null, refused: { reason: 'too large', remedy: undefined } });
    expect(trainingCells(facts(row(1), refused)).cells[0]?.slice(-2)).to.deep.equal(['–', '0.001, –']);
    expect(trainingRefusals(facts(row(1), refused))).to.deep.equal(['BN frozen at batch 8: too large']);
    const none = row(1, { name: 'none', title: 'no training', rate: null });
    expect(trainingCells(facts(none)).cells[0]?.at(-1)).to.equal('–');
  });
});
