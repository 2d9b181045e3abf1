import { expect } from 'chai';
import fc from 'fast-check';
import { readTable } from '../../../src/inputs/labelled/table.ts';

function read(text: string) {
  return readTable(new TextEncoder().encode(text), 't.csv');
}

describe('readTable', () => {
  it('tells the line that a row begins on, behind blank lines and quoted ends of lines', () => {
    expect(read('a,b\r\n\r\n"c\nd",e\n  f , "g" \n')).to.deep.equal([
      { line: 1, cells: ['a', 'b'] },
      { line: 3, cells: ['c\nd', 'e'] },
      { line: 5, cells: ['f', 'g'] },
    ]);
  });

  it('takes the separator that the first line has most often', () => {
    expect(read('a;b,c;d')[0]?.cells).to.deep.equal(['a', 'b,c', 'd']);
    expect(read('a\tb;c')[0]?.cells).to.deep.equal(['a', 'b;c']);
    expect(read('a')[0]?.cells).to.deep.equal(['a']);
    expect(read('')).to.deep.equal([]);
    expect(read('\n\n')).to.deep.equal([]);
  });

  it('reads what a spreadsheet saved in the code page of Windows', () => {
    const bytes = Uint8Array.from('größe.jpg;blå', (letter) => letter.charCodeAt(0));
    expect(readTable(bytes, 't.csv')[0]?.cells).to.deep.equal(['größe.jpg', 'blå']);
    expect(read('größe.jpg;blå')[0]?.cells).to.deep.equal(['größe.jpg', 'blå']);
  });

  it('reads what PowerShell saved, in UTF-16, and UTF-8 with a byte order mark', () => {
    const text = '\uFEFFgröße.jpg;blå\r\n';
    const little = Uint8Array.from(Buffer.from(text, 'utf16le'));
    const big = Uint8Array.from(Buffer.from(text, 'utf16le').swap16());
    for (const bytes of [little, big, new TextEncoder().encode(text)]) {
      expect(readTable(bytes, 't.csv')).to.deep.equal([{ line: 1, cells: ['größe.jpg', 'blå'] }]);
    }
  });

  it('takes the separator that Excel says in a line of its own', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      expect(read(`SEP=;${end}a,b;c${end}d;e${end}`)).to.deep.equal([
        { line: 2, cells: ['a,b', 'c'] },
        { line: 3, cells: ['d', 'e'] },
      ]);
    }
    expect(read('sep=;x\n')).to.deep.equal([{ line: 1, cells: ['sep=', 'x'] }]);
  });

  it('keeps empty cells, also the last', () => {
    expect(read('a,,b,\n,x,,')).to.deep.equal([
      { line: 1, cells: ['a', '', 'b', ''] },
      { line: 2, cells: ['', 'x', '', ''] },
    ]);
  });

  it('reads back whatever was quoted', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'ß', '"', ',', ';', '\t', '\n', '\r\n', ' ') });
    // A row of empty cells is a blank line, so one cell is never empty.
    const rows = fc.array(fc.tuple(fc.constant('x'), cell, cell), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(rows, (table) => {
        const lines = table.map((row) => row.map((it) => `"${it.replaceAll('"', '""')}"`).join(','));
        expect(read(['a,b,c', ...lines].join('\n')).map(({ cells }) => cells)).to.deep.equal([
          ['a', 'b', 'c'],
          ...table,
        ]);
      }),
      { seed: 1 },
    );
  });
});
