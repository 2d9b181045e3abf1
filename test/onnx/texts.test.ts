import { expect } from 'chai';
import fc from 'fast-check';
import { Texts } from '../../src/onnx/texts.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The string that is kept for a text; kept now if it was not. */
function read(texts: Texts, text: string): string | undefined {
  const bytes = bytesOf(`<${text}>`);
  const found = texts.find(bytes, 1, bytes.length - 1);
  if (found === undefined) texts.keep(text);
  return found;
}

describe('onnx/texts', () => {
  it('gives a text that was kept, and no other, however many there are', () => {
    const texts = new Texts(0);
    const names = Array.from({ length: 5000 }, (_, index) => `conv${index}.weight`);
    for (const name of names) expect(read(texts, name)).to.equal(undefined);
    for (const name of names) expect(read(texts, name)).to.equal(name);
    expect(read(texts, 'conv5000.weight')).to.equal(undefined);
  });

  it('gives back every ASCII text, also an empty one and those of control characters', () => {
    const texts = new Texts(0);
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 40 }), (text) => {
        read(texts, text);
        expect(read(texts, text)).to.equal(text);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('keeps no text of other characters, and none that is long', () => {
    const texts = new Texts(0);
    for (const text of ['é', '層', 'x'.repeat(129)]) {
      expect(read(texts, text)).to.equal(undefined);
      expect(read(texts, text)).to.equal(undefined);
    }
    read(texts, 'x'.repeat(128));
    expect(read(texts, 'x'.repeat(128))).to.equal('x'.repeat(128));
  });

  it('keeps none of the first, of which there are few in most models', () => {
    const texts = new Texts(3);
    for (const text of ['a', 'a', 'a', 'a']) expect(read(texts, text)).to.equal(undefined);
    expect(read(texts, 'a')).to.equal('a');
  });

  it('is not taken in by two texts of one hash', () => {
    // By the birthday paradox, some of the first 200,000 texts share a hash of 32 bits.
    const seen = new Map<number, string>();
    let pair: [string, string] | undefined;
    for (let index = 0; pair === undefined; index++) {
      const text = index.toString(36);
      let hash = 0x811c9dc5;
      for (const byte of bytesOf(text)) hash = Math.imul(hash ^ byte, 0x01000193);
      const other = seen.get(hash);
      if (other !== undefined) pair = [other, text];
      seen.set(hash, text);
    }
    const texts = new Texts(0);
    for (const text of pair) expect(read(texts, text)).to.equal(undefined);
    for (const text of pair) expect(read(texts, text)).to.equal(text);
  });
});
