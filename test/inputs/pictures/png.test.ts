/** PNGs decoded without a canvas, against sharp. */
import { expect } from 'chai';
import sharp from 'sharp';
import { pixelsOf } from '../../../src/inputs/pictures/node.ts';
import { decodedPng, isBetterDecoded } from '../../../src/inputs/pictures/png.ts';
import { plainPng } from '../../support/files.ts';
import { pngs, SIDE, waves } from '../../support/pngs.ts';

const wanted = { channels: 3, height: undefined, width: undefined, fit: 'fill' } as const;
const sample = (channels: 3 | 4) => sharp(waves(channels), { raw: { width: SIDE, height: SIDE / 2, channels } });

describe('a PNG that a canvas would change', () => {
  for (const [name, make] of Object.entries(pngs)) {
    it(`has the pixels that it has in Node: ${name}`, async () => {
      const file = await make();
      const { rgba, ...size } = await decodedPng(file);
      const { data, ...own } = await pixelsOf(file, wanted);
      expect(size).to.deep.equal(own);
      expect(Array.from(rgba).filter((_, at) => at % 4 !== 3)).to.deep.equal(Array.from(data));
      expect(isBetterDecoded(file)).to.equal(/transparen|16 bits/.test(name));
    });
  }

  it('may have grey of 1, 2 or 4 bits, where each row begins with a new byte', async () => {
    for (const colours of [2, 4, 16]) {
      // 5 pixels of 1, 2 or 4 bits leave bits over; greys of a palette are greys.
      const grey = Uint8Array.from({ length: 15 }, (_, at) => Math.round(((at % colours) * 255) / (colours - 1)));
      const file = await sharp(grey, { raw: { width: 5, height: 3, channels: 1 } })
        .png({ palette: true, colours, dither: 0 })
        .toBuffer();
      const { rgba } = await decodedPng(file);
      const { data } = await pixelsOf(file, wanted);
      expect(
        Array.from(rgba).filter((_, at) => at % 4 !== 3),
        `${colours}`,
      ).to.deep.equal(Array.from(data));
    }
  });

  it('is told by its header and its chunks, and left to the browser if that knows better', async () => {
    const clear = await sample(4).png().toBuffer();
    expect(isBetterDecoded(clear)).to.equal(true);
    expect(isBetterDecoded(await plainPng('#f00', 4))).to.equal(false);
    expect(isBetterDecoded(await sample(3).jpeg().toBuffer())).to.equal(false);
    expect(isBetterDecoded(new Uint8Array())).to.equal(false);
    expect(isBetterDecoded(clear.subarray(0, 20))).to.equal(false);
    const turned = await sample(4).withMetadata({ orientation: 6 }).png().toBuffer();
    expect(isBetterDecoded(turned), 'with an orientation').to.equal(true);
    const few = await sample(4).png({ palette: true, colours: 4, progressive: true }).toBuffer();
    expect(isBetterDecoded(few), 'interlaced, with several pixels in a byte').to.equal(false);
  });

  it('is refused if it is damaged', async () => {
    const file = await sample(4).png().toBuffer();
    const damaged = Uint8Array.from(file);
    damaged[60] = (damaged[60] as number) ^ 255;
    for (const bytes of [damaged, file.subarray(0, file.length / 2)]) {
      let message = '';
      await decodedPng(bytes).catch((error: Error) => {
        message = error.message;
      });
      expect(message).to.not.equal('');
    }
  });
});
