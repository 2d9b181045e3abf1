import { expect } from 'chai';
import { linesOf, textOf } from '../../../src/inputs/labelled/text.ts';

const TEXT = 'Straße;façade\n';
const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16();

describe('bytes of a text file', () => {
  it('are UTF-8 with or without a mark, UTF-16 of either order with one, or else Windows-1252', () => {
    const utf16 = Buffer.from(`\uFEFF${TEXT}`, 'utf16le');
    for (const [name, bytes] of Object.entries({
      plain: Buffer.from(TEXT),
      marked: Buffer.from(`\uFEFF${TEXT}`),
      little: utf16,
      big: swapped(utf16),
      windows: Buffer.from(TEXT, 'latin1'),
    })) {
      expect(textOf(bytes), name).to.equal(TEXT);
    }
    expect(textOf(new Uint8Array())).to.equal('');
  });

  it('have lines that end as on Unix, Windows or old Macs', () => {
    expect(linesOf(Buffer.from('a\nb\r\nc\rd\n\ne'))).to.deep.equal(['a', 'b', 'c', 'd', '', 'e']);
  });
});
