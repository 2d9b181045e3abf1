import { expect } from 'chai';
import { cellsOf, readRuns } from '../../../examples/finetune/results.ts';

const HEADER = 'method\tbatch\trate\tseed\tbefore\tvalidation\ttest\tby_batch';
const TEXT = `${HEADER}
bn\t1\t3e-05\t0\t0.6\t0.5\t-\t-
bn\t1\t0.0001\t0\t0.6\t0.55\t0.5\t0.7
bn\t1\t0.0001\t1\t0.6\t0.5\t0.6\t0.8
calibrate\t1\t0.0003\t0\t0.65\t0.9\t0.8\t-
`;

describe('examples/finetune/results', () => {
  it('reads runs, and - as what is not known', () => {
    const runs = readRuns(TEXT);
    expect(runs).to.have.length(4);
    expect(runs[0]).to.deep.equal({
      method: 'bn',
      batch: 1,
      rate: 3e-5,
      seed: 0,
      before: 0.6,
      validation: 0.5,
      test: undefined,
      byBatch: undefined,
    });
    expect(runs[1]?.test).to.equal(0.5);
  });

  it('makes a cell of the runs at the rate that was best', () => {
    const [bn, calibrate] = cellsOf(readRuns(TEXT));
    expect(bn).to.deep.include({ method: 'bn', batch: 1, rate: 1e-4, before: 0.6, least: 0.5, most: 0.6, seeds: 2 });
    expect(bn?.mean).to.be.closeTo(0.55, 1e-12);
    expect(bn?.byBatch).to.be.closeTo(0.75, 1e-12);
    expect(calibrate).to.deep.include({ method: 'calibrate', mean: 0.8, seeds: 1, byBatch: undefined });
  });

  it('refuses other columns, and lines that are no run', () => {
    expect(() => readRuns('a\tb\n')).to.throw(RangeError, 'the columns are not method, batch');
    for (const line of ['bn\t1', 'ln\t1\t1\t0\t1\t1\t-\t-', 'bn\tone\t1\t0\t1\t1\t-\t-', 'bn\t\t1\t0\t1\t1\t-\t-']) {
      expect(() => readRuns(`${HEADER}\n${line}\n`)).to.throw(RangeError, `line 2 is no run: ${line}`);
    }
  });

  it('refuses a search without a winner, or with two', () => {
    const lines = TEXT.split('\n');
    const only = (...kept: number[]) => readRuns(kept.map((index) => lines[index]).join('\n'));
    expect(() => cellsOf(only(0, 1))).to.throw(RangeError, 'bn at a batch of 1 was not tested at one rate');
    const other = [...only(0, 2), { ...only(0, 2)[0], rate: 1 }] as ReturnType<typeof readRuns>;
    expect(() => cellsOf(other)).to.throw(RangeError, 'was not tested at one rate');
  });
});
