import { expect } from 'chai';
import type { DecodedPng } from '../../src/inputs/labelled/packages.ts';
import { isMixedUp, unpacked } from '../../src/inputs/png-samples.ts';

const png = (depth: number, width: number, height: number, ...data: number[]) => [
  ...unpacked({ depth, width, height, data: Uint8Array.from(data) } as unknown as DecodedPng),
];

describe('inputs/png-samples', () => {
  it('has a number for each pixel of 1, 2 and 4 bits, the first in the highest', () => {
    expect(png(1, 8, 1, 0b10110001)).to.deep.equal([1, 0, 1, 1, 0, 0, 0, 1]);
    expect(png(2, 4, 1, 0b11_00_01_10)).to.deep.equal([3, 0, 1, 2]);
    expect(png(4, 2, 1, 0xf3)).to.deep.equal([15, 3]);
  });

  it('begins each row with a new byte, whatever is left of the last', () => {
    expect(png(1, 3, 2, 0b101_11111, 0b010_11111)).to.deep.equal([1, 0, 1, 0, 1, 0]);
    expect(png(4, 3, 2, 0x12, 0x3f, 0x45, 0x6f)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(png(1, 9, 2, 0xff, 0x80, 0x00, 0x80)).to.deep.equal([...Array(9).fill(1), ...Array(8).fill(0), 1]);
  });

  it('tells files that are interlaced and have several samples in a byte', () => {
    const header = (depth: number, interlace: number) => {
      const file = new Uint8Array(33);
      file[24] = depth;
      file[28] = interlace;
      return file;
    };
    expect([1, 2, 4, 8, 16].map((depth) => isMixedUp(header(depth, 1)))).to.deep.equal([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(isMixedUp(header(1, 0))).to.equal(false);
    expect(isMixedUp(new Uint8Array(4))).to.equal(false);
  });
});
