import { expect } from 'chai';
import sharp from 'sharp';
import { imageInput, loadImage } from '../../src/inputs/images.ts';
import { placementOf } from '../../src/inputs/picture-fit.ts';
import { squareFor } from '../../src/inputs/squares.ts';
import { pictureModel } from '../support/labelled.ts';

describe('squareFor', () => {
  it('is the smallest multiple of 32 that holds a picture, up to 640, and the picture lies in it whole', async () => {
    const squares = imageInput(pictureModel(['N', 1, 'h', 'w']), { squares: true });
    for (const [width, height, side] of [
      [64, 48, 64],
      [65, 48, 96],
      [30, 101, 128],
      [1300, 900, 640],
    ] as const) {
      expect(squareFor({ width, height })).to.deep.equal({ width: side, height: side });
      const white = sharp({ create: { width, height, channels: 3, background: '#fff' } })
        .png()
        .toBuffer();
      const { dims, data } = await loadImage(await white, squares);
      expect(dims).to.deep.equal([1, 1, side, side]);
      const placed = placementOf({ width, height }, squares);
      const lit = [...(data as Float32Array)].filter((it) => it > 0.5).length;
      expect(lit).to.equal(placed.width * placed.height);
      expect(placed.width / placed.height).to.be.closeTo(width / height, 0.02);
    }
  });
});
