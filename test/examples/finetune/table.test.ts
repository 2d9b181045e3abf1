import { expect } from 'chai';
import type { Cell, Method, Run } from '../../../examples/finetune/results.ts';
import { byBatchTable, byRateTable, qualityTable, rateTable } from '../../../examples/finetune/table.ts';

const cell = (method: Method, batch: number, mean: number, byBatch?: number): Cell => ({
  method,
  batch,
  rate: 3e-4,
  before: 0.5,
  mean,
  least: mean - 0.01,
  most: mean + 0.01,
  seeds: 3,
  byBatch,
});
const CELLS = [cell('bn', 1, 0.6, 0.55), cell('bn', 4, 0.8, 0.85), cell('calibrate', 1, 0.8004)];

describe('examples/finetune/table', () => {
  it('shows means and spreads, the best of a batch bold, and what is missing as a dash', () => {
    expect(qualityTable(CELLS).split('\n')).to.deep.equal([
      '|  | before | batch 1 | batch 4 |',
      '| --- | ---: | ---: | ---: |',
      '| BN, batch statistics | 0.500 | 0.600 (0.590–0.610) | **0.800** (0.790–0.810) |',
      '| GN, `--calibrate` | 0.500 | **0.800** (0.790–0.810) | – |',
    ]);
  });

  it('makes everything bold that looks the same', () => {
    const alike = [cell('bn', 1, 0.8001), cell('copy', 1, 0.8004)];
    expect(qualityTable(alike).match(/\*\*0\.800\*\*/g)).to.have.length(2);
  });

  it('shows the rates', () => {
    expect(rateTable(CELLS)).to.include('| GN, `--calibrate` | 3.0e-4 | – |');
  });

  it('shows what each rate reached on the validation data, and the best on the test data', () => {
    const run = (method: Method, rate: number, seed: number, validation: number, test?: number): Run => ({
      method,
      batch: 1,
      rate,
      seed,
      before: 0.5,
      validation,
      test,
      byBatch: undefined,
    });
    const runs = [
      ...[run('bn', 1e-4, 0, 0.61), run('bn', 3e-4, 0, 0.62, 0.6), run('bn', 3e-4, 1, 0.9, 0.7)],
      ...[run('calibrate', 1e-4, 0, 0.8, 0.81), run('calibrate', 1e-4, 1, 0.5, 0.83)],
    ];
    expect(byRateTable(runs).split('\n')).to.deep.equal([
      '|  | rate 1e-4 | rate 3e-4 | with the best |',
      '| --- | ---: | ---: | ---: |',
      '| BN, batch statistics | 0.610 | 0.620 | 0.650 (0.600–0.700) |',
      '| GN, `--calibrate` | 0.800 | – | 0.820 (0.810–0.830) |',
    ]);
  });

  it('shows what BatchNormalization makes of running statistics and of a batch', () => {
    expect(byBatchTable(CELLS).split('\n').slice(2)).to.deep.equal([
      '| by its running statistics | 0.600 | 0.800 |',
      '| by those of a batch of that size | 0.550 | 0.850 |',
    ]);
  });
});
