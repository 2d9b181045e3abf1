import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import type { CalibrationFacts } from '../../../src/jobs/outcome.ts';
import { NORMS } from '../../../src/norms/index.ts';
import { renderHtml } from '../../../src/report/html/index.ts';
import { renderMarkdown } from '../../../src/report/markdown-page.ts';
import { SECTIONS } from '../../../src/report/sections/index.ts';
import type { Section } from '../../../src/report/sections/types.ts';
import { ROOT, textOf } from '../../support/docs.ts';
import { swapOutcome } from '../../support/outcomes.ts';
import { manySites, reportOn } from '../../support/reports.ts';
import { useScratch } from '../../support/scratch.ts';

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && 'blocks' in value && 'name' in value;
}

describe('SECTIONS', () => {
  const scratch = useScratch();

  it('lists every file that defines one, under the name of the file', async () => {
    const found: string[] = [];
    for (const file of readdirSync(`${ROOT}src/report/sections`)) {
      const module: object = await import(`../../../src/report/sections/${file}`);
      for (const entry of Object.values(module).filter(isSection)) {
        expect(`${entry.name}.ts`).to.equal(file);
        found.push(entry.name);
      }
    }
    expect(found).to.have.members(SECTIONS.map(({ name }) => name));
  });

  it('each have a row in the documentation, which has no others', () => {
    const rows = [...textOf('docs/report.md').matchAll(/^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \|/gm)].map(
      (match) => match[1] as string,
    );
    const names = rows.flatMap((row) => row.replaceAll('`', '').split(', '));
    expect(names).to.deep.equal(SECTIONS.map(({ name }) => name));
  });

  for (const norm of NORMS.filter(({ data }) => data !== 'required')) {
    it(`have something to say of ${norm.name} norm`, async () => {
      const outcome = await swapOutcome(scratch(), 'rank-4', { to: norm.name, report: ['r.html'] });
      expect(outcome.error).to.equal(undefined);
      const [page, text] = [await renderHtml(reportOn(outcome)), await renderMarkdown(reportOn(outcome))];
      expect(text).to.contain('**✓ Correct: 1 norm matches its float64 reference in ONNX Runtime**');
      expect(page.replace(/<script>[\s\S]*<\/script>/, '')).not.to.match(/undefined|NaN|\[object/);
      expect(text).not.to.match(/undefined|NaN|\[object/);
    });
  }

  it('tell what is known of the order of the channels', async () => {
    const outcome = await swapOutcome(scratch(), 'rank-4', { report: ['r.html'] });
    const { calibration } = manySites(outcome, 1);
    const reading = { order: { given: 0.1, reversed: 0.4, samples: 3 } };
    const text = await renderMarkdown(
      reportOn({ ...outcome, calibration: { ...(calibration as CalibrationFacts), reading } }),
    );
    expect(text).to.match(/the channel order fits the training data \(divergence 0\.10/);
  });
});
