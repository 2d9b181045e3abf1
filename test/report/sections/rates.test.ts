import { expect } from 'chai';
import type { FinetuneFacts } from '../../../src/jobs/finetune.ts';
import type { Outcome } from '../../../src/jobs/outcome.ts';
import { rates } from '../../../src/report/sections/rates.ts';
import { reportOn } from '../../support/reports.ts';

const blocksOf = (facts: Partial<FinetuneFacts>) => {
  const finetune = { history: [], trace: [{ step: 1, loss: 1, rate: 1e-3 }], tried: [], rate: 1e-3, ...facts };
  return rates.blocks({ finetune } as unknown as Outcome, reportOn().call);
};

describe('report/sections/rates', () => {
  it('lists the rates that were tried, which was taken, and those that led to no finite loss', () => {
    const tried = [
      { rate: 3e-4, loss: 0.5 },
      { rate: 1e-3, loss: 0.25 },
      { rate: 3e-3, loss: null },
    ] as FinetuneFacts['tried'];
    const [, table] = blocksOf({ tried });
    expect(table?.kind === 'table' ? table.rows.map(({ cells }) => cells) : []).to.deep.equal([
      ['3.0e-4', '0.5', ''],
      ['0.001', '0.25', 'yes'],
      ['0.003', 'not finite', ''],
    ]);
  });

  it('has no table where the rate was given, and nothing to say where no step was taken', () => {
    expect(blocksOf({}).map(({ kind }) => kind)).to.deep.equal(['chart']);
    expect(blocksOf({ trace: [] })).to.deep.equal([]);
  });
});
