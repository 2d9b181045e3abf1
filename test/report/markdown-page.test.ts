import { expect } from 'chai';
import { callOptions } from '../../src/call/arguments.ts';
import { swapFile } from '../../src/cli/swap.ts';
import { renderMarkdown } from '../../src/report/markdown-page.ts';
import { swapOutcome } from '../support/outcomes.ts';
import { HOSTILE, hostileModel, manySites, reportOn } from '../support/reports.ts';
import { useScratch } from '../support/scratch.ts';

describe('renderMarkdown', () => {
  const scratch = useScratch();
  const observed = (name: string, raw = {}) => swapOutcome(scratch(), name, { report: ['r.md'], ...raw });

  it('has the sections, with tables and what pictures show in words', async () => {
    const text = await renderMarkdown(reportOn(await observed('rank-4')));
    expect(text).to.match(
      /^## rank-4\.onnx\n\n### Summary\n\n\*\*✓ Correct: 1 norm matches its float64 reference in ONNX Runtime\*\*\n\n\*\*Behaviour kept: not measured; [^\n]*\*\*\n\nLatency: [^\n]*\n\nKept: \*\*not measured\*\* · Sites: \*\*1 of 1\*\* · Fit: \*\*–\*\* · Slowdown: [^\n]*\n\n- Source: /,
    );
    expect(text).to.match(
      /### Checks\n\n.+:\n\n\| check \| result \| what was found \|\n\| --- \| --- \| --- \|\n\| interface \| passed \|/,
    );
    expect(text).to.match(/\nγ before and after: Median over the channels of each of 1 site/);
    expect(text).to.contain(`- Command: gn-swap model.onnx --report report.html --exclude 'it'\\\\''s \\$HOME'`);
    expect(text).to.contain('- Date: 2026-01-02T00:00:00.000Z');
  });

  it('has cells enough in every row, whatever the names', async () => {
    const outcome = await swapFile(hostileModel(scratch()), scratch().path('o.onnx'), callOptions({}), () => {});
    const text = await renderMarkdown(reportOn({ ...outcome, file: HOSTILE }));
    // A bar that is no end of a cell has a backslash.
    const widths = text.split('\n\n').map((part) =>
      part
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.match(/(?<!\\)\|/g)?.length),
    );
    for (const table of widths) expect(new Set(table).size, JSON.stringify(table)).to.be.at.most(1);
    expect(text).not.to.match(/<|(?<!\\)[`$]|@(?!&#8203;)|(?<!\\)\[c|(?<!\\):\/\//u);
    for (const character of ['\u202e', '\u001b']) expect(text).not.to.contain(character);
    expect(text).to.contain('&#60;/script&#62;&#60;img src=x onerror=alert(1)&#62;');
  });

  it('fits a comment with a thousand sites, and those that failed come first', async () => {
    const outcome = manySites(await observed('rank-4'), 1000);
    const { verification } = outcome;
    if (verification === undefined) throw new RangeError('not verified');
    const sites = verification.sites.map((it, index) =>
      index === 777 ? { ...it, failed: ['reference' as const] } : it,
    );
    const text = await renderMarkdown(reportOn({ ...outcome, verification: { ...verification, sites } }));
    expect(text.length).to.be.below(65_536);
    expect(text).to.contain('… and 950 more rows');
    const [, rows = ''] = text.split('### Sites');
    expect(rows.split('\n').find((line) => /^\| \d/.test(line))).to.match(/^\| 778 .* failed: reference \|$/);
  });
});
