import { expect } from 'chai';
import fc from 'fast-check';
import { addBits, signed, subByte } from '../../src/onnx/packed-bits.ts';

describe('onnx/packed-bits', () => {
  for (const bits of [2, 4, 6, 8]) {
    it(`is one stream, the first of ${bits} bits in the lowest ones`, () => {
      const codes = fc.array(fc.nat(2 ** bits - 1), { maxLength: 40 });
      fc.assert(
        fc.property(codes, (list) => {
          const view = new DataView(new ArrayBuffer(Math.ceil((list.length * bits) / 8)));
          list.forEach((code, index) => {
            addBits(view, index, bits, code);
          });
          // As one large number, whose lowest bits come first.
          const all = list.reduce((sum, code, index) => sum | (BigInt(code) << BigInt(index * bits)), 0n);
          const bytes = Array.from({ length: view.byteLength }, (_, at) => Number((all >> BigInt(8 * at)) & 0xffn));
          expect([...new Uint8Array(view.buffer)]).to.deep.equal(bytes);
          expect(list.map((_, index) => subByte(view, index, bits))).to.deep.equal(list);
        }),
      );
    });
  }

  it('reads two’s complement', () => {
    expect([0, 1, 2, 3].map((code) => signed(code, 2))).to.deep.equal([0, 1, -2, -1]);
    expect([7, 8, 15].map((code) => signed(code, 4))).to.deep.equal([7, -8, -1]);
  });
});
