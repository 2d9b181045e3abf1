/** Grey of colours, as training code has it. */
import { expect } from 'chai';
import { greyOf } from '../../../src/inputs/pictures/grey.ts';

describe('grey', () => {
  it('is that of Pillow', () => {
    // Printed by Image.convert("L") of Pillow 13.
    for (const [colour, grey] of [
      [[255, 0, 0], 76],
      [[0, 255, 0], 150],
      [[0, 0, 255], 29],
      [[10, 200, 30], 124],
      [[123, 45, 67], 71],
      [[254, 255, 255], 255],
    ] as const)
      expect([...greyOf(colour)], `${colour}`).to.deep.equal([grey]);
  });

  it('of grey is the same grey', () => {
    const greys = Array.from({ length: 256 }, (_, byte) => byte);
    expect([...greyOf(greys.flatMap((byte) => [byte, byte, byte]))]).to.deep.equal(greys);
  });
});
