import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { summaryOf } from '../../../bench/evidence/answers.ts';
import { linesOf, RUNS, type RunLine, readRefined, VARIED, type VariedLine } from '../../../bench/evidence/lines.ts';
import { CHART, chartOf, longOf, PAGE, pageOf, readRuns } from '../../../bench/evidence/page.ts';
import { rangeText, scoresOf, tableOf } from '../../../bench/evidence/tables.ts';
import { decide, judged, TREE } from '../../../bench/evidence/tree.ts';
import type { RowName } from '../../../src/options/rows.ts';

const AT = { subject: 'digits', shift: 'severe', count: 100, epochs: 3 };

function run(row: RowName, after: number, more: Partial<RunLine> = {}): RunLine {
  return {
    ...AT,
    ...{ tested: 10_000, row, batch: 1, seed: 0, measure: 'accuracy', before: 0.2, after, rate: 1e-3 },
    ...{ bestEpoch: 1, steps: 3, seconds: 1, stopped: null },
    ...more,
  };
}

const both = (row: RowName, after: number, more: Partial<RunLine> = {}) =>
  [0, 1].map((seed) => run(row, after, { seed, ...more }));

describe('docs/evidence.md', () => {
  const lines = linesOf(readFileSync(RUNS, 'utf8'));
  const varied = readRuns(VARIED);
  const refined = readRefined();

  it('says what the raw results give', () => {
    expect(lines.length).to.be.greaterThan(100);
    expect(readFileSync(PAGE, 'utf8')).to.equal(pageOf(lines, varied, refined));
  });

  it('is summed up in README', () => {
    const words = (text: string) => text.replaceAll(/\s+/g, ' ');
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    expect(words(readme)).to.include(words(summaryOf(longOf(lines))));
  });

  it('shows the chart that the raw results give', () => {
    // Where a window is defined, Plot moves groups by half a pixel.
    const marks = (svg: string) => svg.replaceAll(/(<g[^>]*?) transform="[^"]*"/g, '$1');
    expect(marks(readFileSync(CHART, 'utf8'))).to.equal(marks(chartOf(lines)));
  });

  it('would say otherwise with another result', () => {
    const [first, ...rest] = lines as [RunLine, ...RunLine[]];
    expect(pageOf([{ ...first, after: 0.999 }, ...rest], varied, refined)).to.not.equal(pageOf(lines, varied, refined));
    const [changed, ...others] = varied as [VariedLine, ...VariedLine[]];
    expect(pageOf(lines, [{ ...changed, after: 0.999 }, ...others], refined)).to.not.equal(
      pageOf(lines, varied, refined),
    );
  });
});

describe('bench/evidence', () => {
  it('passes over half a line that a kill left', () => {
    const text = `${JSON.stringify(run('bn-frozen', 0.5))}\n{"subject":"dig`;
    expect(linesOf(text)).to.deep.equal([run('bn-frozen', 0.5)]);
    expect(linesOf('')).to.deep.equal([]);
  });

  it('makes a table of rows by batches, with the score of the file as it is', () => {
    const runs = [...both('bn-frozen', 0.5), run('bn-frozen', 0.7, { seed: 2 }), run('bn-train', 0.9, { batch: 2 })];
    expect(scoresOf(runs, 'none', 1)).to.deep.equal([0.2, 0.2, 0.2]);
    expect(tableOf(runs, AT).split('\n')).to.deep.equal([
      '| row | batch 1 | batch 2 |',
      '| --- | ---: | ---: |',
      '| no training | 0.200 | 0.200 |',
      '| BN frozen | 0.567 (0.500–0.700) | – |',
      '| BN in training mode | – | 0.900 |',
    ]);
    expect(rangeText([])).to.equal('–');
  });

  it('has a rule of at most seven lines, one for each way through it', () => {
    const ways = [
      decide({ batch: 1, hasNorms: false, before: 0.1, isClassifier: true }),
      decide({ batch: 1, hasNorms: true, before: 0.9, isClassifier: true }),
      decide({ batch: 2, hasNorms: true, before: 0.1, isClassifier: true }),
      decide({ batch: 1, hasNorms: true, before: 0.1, isClassifier: true }),
      decide({ batch: 1, hasNorms: true, before: 0.1, isClassifier: false }),
    ];
    expect(ways).to.deep.equal(['bn-frozen', 'bn-frozen', 'bn-train', 'gn-32-adapted', 'bn-re-estimated']);
    expect(TREE).to.have.length(ways.length).and.to.have.length.at.most(7);
    for (const [index, row] of ways.entries()) expect(TREE[index]).to.include(`\`${row}\``);
  });

  it('calls the rule wrong only if another row is better by more than chance', () => {
    const low = [...both('bn-frozen', 0.5), ...both('bn-re-estimated', 0.1)];
    expect(judged([...low, ...both('gn-32-adapted', 0.8)], 1)).to.deep.equal({
      says: 'gn-32-adapted',
      best: 'gn-32-adapted',
      isWrong: false,
    });
    expect(judged([...low, ...both('gn-32-adapted', 0.3)], 1)).to.include({
      says: 'gn-32-adapted',
      best: 'bn-frozen',
      isWrong: true,
    });
    expect(judged([...low, ...both('gn-32-adapted', 0.499)], 1)).to.include({ best: 'bn-frozen', isWrong: false });
    expect(judged([...low, ...both('gn-32-adapted', 0.8)], 2), 'the row was not run').to.equal(undefined);
  });
});
