import { expect } from 'chai';
import { markdownTable } from '../../../bench/accuracy/table.ts';

describe('bench/accuracy/table', () => {
  it('prints three digits and marks all that look best', () => {
    const rows = [
      ['copy', [0.5, 0.25]],
      ['statistics', [0.98041, 0.97999]],
    ] as const;
    expect(markdownTable('groups', ['1', 'auto'], rows)).to.equal(
      [
        '| groups | 1 | auto |',
        '| --- | ---: | ---: |',
        '| copy | 0.500 | 0.250 |',
        '| statistics | **0.980** | **0.980** |',
      ].join('\n'),
    );
  });

  it('refuses a row that does not fit', () => {
    expect(() => markdownTable('x', ['1', '2'], [['copy', [0.5]]])).to.throw(RangeError, 'copy has 1 scores for 2');
  });
});
