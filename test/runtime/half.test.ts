import { expect } from 'chai';
import { decodeHalf, encodeHalf } from '../../src/runtime/half.ts';

/** Bits and numbers from IEEE 754-2019, table 3.5. */
const KNOWN: readonly (readonly [number, number])[] = [
  [0x0000, 0],
  [0x8000, -0],
  [0x0001, 2 ** -24],
  [0x0400, 2 ** -14],
  [0x3555, 0.333251953125],
  [0x3c00, 1],
  [0xc000, -2],
  [0x7bff, 65504],
  [0x7c00, Number.POSITIVE_INFINITY],
  [0xfc00, Number.NEGATIVE_INFINITY],
];

describe('float16 as bits', () => {
  it('encodes and decodes the known numbers', () => {
    const [bits, numbers] = [KNOWN.map(([code]) => code), KNOWN.map(([, value]) => value)];
    expect([...encodeHalf(numbers)]).to.deep.equal(bits);
    expect([...decodeHalf(Uint16Array.from(bits))]).to.deep.equal(numbers);
  });

  it('rounds to nearest, ties to even, and overflows to infinity', () => {
    expect([...encodeHalf([1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520])]).to.deep.equal([
      0x3c00, 0x3c02, 0x7bff, 0x7c00,
    ]);
  });

  it('gives every pattern back, NaN but for its payload', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, code) => code);
    const numbers = decodeHalf(all);
    const back = encodeHalf(numbers);
    for (const code of all) {
      if (!Number.isNaN(numbers[code])) expect(back[code]).to.equal(code);
    }
    expect(numbers.filter(Number.isNaN)).to.have.length(2 * 1023);
  });
});
