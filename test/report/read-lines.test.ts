import { expect } from 'chai';
import picocolors from 'picocolors';
import { comparedOnLines, picturesLine, skippedLine } from '../../src/report/read-lines.ts';

const style = { colors: picocolors.createColors(false), verbose: false };

describe('report/read-lines', () => {
  it('says what norms were compared on', () => {
    const facts = { path: 'a\nb', skipped: [], seed: 3 };
    expect(comparedOnLines({ ...facts, solvedOn: 51, heldOut: 13 }, style)).to.deep.equal([
      'solved on 51 inputs of a\\u{a}b, measured on 13 others (seed 3)',
    ]);
    const pictures = 'their own size, rgb, byte/255';
    const skipped = [{ file: 'x.png', reason: 'damaged' }];
    expect(comparedOnLines({ ...facts, pictures, skipped, solvedOn: 1, heldOut: 0 }, style)).to.deep.equal([
      'solved on 1 input of a\\u{a}b, measured on the same (seed 3)',
      'pictures read as their own size, rgb, byte/255',
      'skipped: 1 file (x.png: damaged)',
    ]);
  });

  it('names three of the files that were skipped, all with --verbose, and none where there are none', () => {
    const skipped = ['a', 'b', 'c', '\u001b[2Jd'].map((file) => ({ file, reason: 'no' }));
    expect(skippedLine(skipped, style)).to.deep.equal(['skipped: 4 files (a: no; b: no; c: no; …)']);
    expect(skippedLine(skipped, { ...style, verbose: true })[0]).to.match(/; \\u\{1b\}\[2Jd: no\)$/);
    expect([...skippedLine([], style), ...picturesLine(undefined, style)]).to.deep.equal([]);
  });
});
