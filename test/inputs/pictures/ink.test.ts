/** Colours of inks, as training code has them. */
import { expect } from 'chai';
import { coloursOfInk } from '../../../src/inputs/pictures/ink.ts';

describe('colours of four inks', () => {
  it('are those of Pillow', () => {
    // Printed by Image.convert("RGB") of Pillow 13.
    for (const [ink, colour] of [
      [
        [0, 0, 0, 0],
        [255, 255, 255],
      ],
      [
        [0, 0, 0, 255],
        [0, 0, 0],
      ],
      [
        [255, 0, 0, 0],
        [0, 255, 255],
      ],
      [
        [10, 20, 30, 40],
        [207, 198, 190],
      ],
      [
        [200, 100, 50, 128],
        [27, 77, 102],
      ],
    ] as const)
      expect([...coloursOfInk(ink, 4)], `${ink}`).to.deep.equal(colour);
  });

  it('pass over transparency behind the inks', () => {
    expect([...coloursOfInk([0, 0, 0, 0, 17, 255, 0, 0, 0, 99], 5)]).to.deep.equal([255, 255, 255, 0, 255, 255]);
  });
});
