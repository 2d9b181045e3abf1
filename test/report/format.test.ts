import { expect } from 'chai';
import fc from 'fast-check';
import { bytes, duration, grouped, printable, table } from '../../src/report/format.ts';
import { plural } from '../../src/words.ts';

describe('grouped', () => {
  it('has the commas that Intl has', () => {
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (value) => {
        expect(grouped(value)).to.equal(value.toLocaleString('en'));
      }),
      { seed: 1, numRuns: 300 },
    );
    for (const value of [0, 1, 999, 1000, 999_999, 1e6]) expect(grouped(value)).to.equal(value.toLocaleString('en'));
  });
});

describe('printable', () => {
  it('spells out what moves the cursor, rings, colours or turns the direction of writing', () => {
    expect(printable('a\u001b[31mb\u0007\r\nc')).to.equal('a\\u{1b}[31mb\\u{7}\\u{d}\\u{a}c');
    expect(printable('\u009b2J\u202etxt.exe\u2028\u200b\ufeff')).to.equal(
      '\\u{9b}2J\\u{202e}txt.exe\\u{2028}\\u{200b}\\u{feff}',
    );
    expect(printable('a\ud800b')).to.equal('a\\u{d800}b');
  });

  it('leaves out the middle of what no one would read', () => {
    expect(printable('a'.repeat(1000))).to.have.length(1000);
    expect(printable(`a${'x'.repeat(1e6)}b`)).to.match(/^ax{499} … x{499}b$/);
  });

  it('leaves letters of every script alone', () => {
    for (const text of ['Größe', '模型', 'модель', 'a/b:0', '😀 é']) expect(printable(text)).to.equal(text);
  });

  it('leaves no control character in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.to.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});

describe('table', () => {
  it('aligns columns two spaces apart, and leaves no spaces at the ends of lines', () => {
    expect(
      table(
        [
          ['site', 'n', ''],
          ['a', '10', 'x'],
          ['longer', '7', ''],
        ],
        [1],
      ),
    ).to.deep.equal(['site     n', 'a       10  x', 'longer   7']);
    expect(table([])).to.deep.equal([]);
  });

  it('takes as many rows as there are', () => {
    const rows = Array.from({ length: 200_000 }, (_, index) => [String(index), 'x']);
    expect(table(rows)[7]).to.equal('7       x');
  });
});

describe('bytes', () => {
  it('has two or three digits and a decimal unit', () => {
    const shown = [0, 1, 999, 1000, 1234, 9949, 12_345, 578_966, 4.7e6, 2.5e9, 3e12].map(bytes);
    expect(shown).to.deep.equal([
      '0 B',
      '1 B',
      '999 B',
      '1.0 kB',
      '1.2 kB',
      '9.9 kB',
      '12 kB',
      '579 kB',
      '4.7 MB',
      '2.5 GB',
      '3000 GB',
    ]);
  });
});

describe('duration', () => {
  it('is in milliseconds below a second, in seconds from there on', () => {
    expect([0.4, 35.2, 999, 1234, 61_000].map(duration)).to.deep.equal(['0 ms', '35 ms', '999 ms', '1.2 s', '61.0 s']);
  });
});

describe('plural', () => {
  it('counts', () => {
    expect([0, 1, 2].map((count) => plural(count, 'site'))).to.deep.equal(['0 sites', '1 site', '2 sites']);
  });
});
