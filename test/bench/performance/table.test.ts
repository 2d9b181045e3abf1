import { expect } from 'chai';
import { type Row, renderTable, seconds } from '../../../bench/performance/table.ts';

function cells(row: Row): string[] {
  const line = renderTable([row]).split('\n')[2] as string;
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}

describe('bench/performance/table', () => {
  it('shows figures beside what they are measured against and what was promised', () => {
    const row: Row = {
      what: 'a',
      measured: { seconds: 1.5, resident: 90e6, anonymous: 45e6 },
      against: { what: 'b', seconds: 0.5, ratio: 3, most: 3 },
      memory: { most: 100e6, promise: '1.2 × the file' },
    };
    expect(cells(row)).to.deep.equal([
      'a',
      '1.50 s',
      'b',
      '500 ms',
      '3.00',
      '≤ 3',
      '90 MB',
      '≤ 1.2 × the file',
      '45 MB',
    ]);
  });

  it('sets in bold what breaks a promise', () => {
    const row: Row = {
      what: 'a',
      measured: { seconds: 1, resident: 101e6 },
      against: { what: 'b', seconds: 1, ratio: 3.1, most: 3 },
      memory: { most: 100e6, promise: '100 MB' },
    };
    expect(cells(row)).to.include.members(['**3.10**', '**101 MB**']);
  });

  it('leaves empty what was not measured or not promised', () => {
    expect(cells({ what: 'a', measured: { seconds: 1 } })).to.deep.equal(['a', '1.00 s', '', '', '', '', '', '', '']);
    const against = { what: 'b', seconds: 1, ratio: 30 };
    expect(cells({ what: 'a', measured: { seconds: 1 }, against })).to.include('30.00');
  });

  it('is one Markdown table: as many cells in every line', () => {
    const lines = renderTable([{ what: 'a', measured: { seconds: 1 } }]).split('\n');
    expect(new Set(lines.map((line) => line.split('|').length)).size).to.equal(1);
  });

  it('writes times in milliseconds or seconds', () => {
    expect([0.0474, 0.9994, 1, 12.345].map(seconds)).to.deep.equal(['47 ms', '999 ms', '1.00 s', '12.35 s']);
  });
});
