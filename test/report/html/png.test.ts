import { expect } from 'chai';
import { decode } from 'fast-png';
import sharp from 'sharp';
import { Random } from '../../../src/inputs/random.ts';
import { pngAddress, pngOf } from '../../../src/report/html/png.ts';

const random = new Random(1);
const picture = { width: 7, height: 5, rgb: Uint8Array.from({ length: 105 }, () => random.integer(256)) };

describe('pngOf', () => {
  it('is read back to the pixel by two decoders', async () => {
    const png = pngOf(picture);
    const { width, height, channels, data } = decode(png, { checkCrc: true });
    expect([width, height, channels, [...data]]).to.deep.equal([7, 5, 3, [...picture.rgb]]);
    expect([...(await sharp(png).raw().toBuffer())]).to.deep.equal([...picture.rgb]);
  });

  it('stands in a page as an address', () => {
    const [head, text = ''] = pngAddress(picture).split(',');
    expect(head).to.equal('data:image/png;base64');
    expect([...Buffer.from(text, 'base64')]).to.deep.equal([...pngOf(picture)]);
  });
});
