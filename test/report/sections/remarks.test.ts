import { expect } from 'chai';
import type { CalibrationFacts, Outcome } from '../../../src/jobs/outcome.ts';
import { remarks } from '../../../src/report/sections/remarks.ts';
import { reportOn } from '../../support/reports.ts';

/** The lines that a report has of files that were skipped while a model was calibrated. */
function skippedLines(skipped: CalibrationFacts['skipped']): string[] {
  const calibration: CalibrationFacts = {
    path: 'photos',
    solvedOn: 8,
    heldOut: 2,
    measured: true,
    seed: 0,
    skipped,
    mismatch: { shift: 0, spread: 1 },
    fits: [],
  };
  const [block] = remarks.blocks({ calibration } as unknown as Outcome, reportOn().call);
  const items = block?.kind === 'list' ? block.items : [];
  return items.map(({ text }) => text).filter((text) => text.startsWith('skipped'));
}

describe('report/sections/remarks', () => {
  it('has a line for all files that were skipped for one reason', () => {
    const lines = skippedLines([
      { file: 'a.bmp', reason: 'not a picture' },
      { file: 'é ü.png', reason: 'damaged' },
      { file: 'b.bmp', reason: 'not a picture' },
    ]);
    expect(lines).to.deep.equal(['skipped 2 files: not a picture (a.bmp, b.bmp)', 'skipped 1 file: damaged (é ü.png)']);
  });

  it('names no more of them than are read', () => {
    const files = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ file: `${at}.bmp`, reason: 'damaged' }));
    expect(skippedLines(files(20))[0]).to.match(/, 19\.bmp\)$/);
    const [line = ''] = skippedLines(files(5000));
    expect(line).to.match(/^skipped 5000 files: damaged \(0\.bmp, .*, 19\.bmp, and 4,980 more\)$/);
    expect(line.length).to.be.below(300);
  });

  it('is left out where there is nothing to remark', () => {
    expect(remarks.blocks({} as Outcome, reportOn().call)).to.deep.equal([]);
  });
});
