/** WebP files that were held in another way, against sharp. */
import { expect } from 'chai';
import sharp from 'sharp';
import { pixelsOf } from '../../../src/inputs/pictures/node.ts';
import { levelWebp, orientationOf, turned, turnedSize } from '../../../src/inputs/pictures/orientation.ts';
import { picture } from '../../support/photos.ts';
import { pngs, SIDE } from '../../support/pngs.ts';

const STORED = { height: SIDE / 2, width: SIDE };
const OWN = { channels: 3, height: undefined, width: undefined, fit: 'fill' } as const;
const webp = (orientation: number) => picture().withMetadata({ orientation }).webp({ lossless: true }).toBuffer();
const stored = await picture().ensureAlpha().raw().toBuffer();

describe('the orientation of a WebP', () => {
  for (const way of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`turns the picture as sharp turns it: ${way}`, async () => {
      const file = await webp(way);
      const { orientation, level } = levelWebp(file);
      expect(orientation).to.equal(way);
      // A browser that follows it finds nothing to turn.
      expect((await sharp(level).metadata()).orientation).to.equal(1);
      const { rgba, ...size } = turned(stored, STORED, orientation);
      const { data, ...theirs } = await pixelsOf(file, OWN);
      expect(size).to.deep.equal(theirs).and.to.deep.equal(turnedSize(STORED, way));
      expect(Array.from(rgba).filter((_, at) => at % 4 < 3)).to.deep.equal(Array.from(data));
    });
  }

  it('is read in both orders of bytes, behind the mark of a JPEG, and after a chunk of odd length', () => {
    const big = Buffer.from('MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006\0\0\0\0\0\0', 'latin1');
    const chunk = (kind: string, body: Uint8Array) => {
      const size = Buffer.alloc(4);
      size.writeUInt32LE(body.length);
      return Buffer.concat([Buffer.from(kind), size, body, Buffer.alloc(body.length % 2)]);
    };
    for (const exif of [big, Buffer.concat([Buffer.from('Exif\0\0'), big])]) {
      const body = [chunk('VP8X', new Uint8Array(10)), chunk('ICCP', new Uint8Array(7)), chunk('EXIF', exif)];
      const file = chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...body]));
      expect(levelWebp(file).orientation).to.equal(6);
      // Cut off anywhere, it is upright or the same, and no error.
      for (let end = 0; end < file.length; end++)
        expect([1, 6], `${end}`).to.include(levelWebp(file.subarray(0, end)).orientation);
    }
  });

  it('of a PNG is told before its pixels', async () => {
    for (const way of [1, 3, 6]) {
      const png = await picture().withMetadata({ orientation: way }).png().toBuffer();
      expect(orientationOf(png)).to.equal(way);
      expect(levelWebp(png)).to.deep.equal({ level: png, orientation: 1 });
    }
  });

  it('is upright where nothing, or no number from 1 to 8, is said, and the file is left as it is', async () => {
    for (const file of [await picture().webp().toBuffer(), await (pngs['in grey'] as () => Promise<Uint8Array>)()]) {
      const { level, orientation } = levelWebp(file);
      expect(orientation).to.equal(1);
      expect(level).to.equal(file);
    }
    const odd = Buffer.from(await webp(6));
    const at = odd.indexOf(Buffer.from([0x12, 0x01, 3, 0, 1, 0, 0, 0]));
    odd[at + 8] = 9;
    expect(levelWebp(odd).orientation).to.equal(1);
  });
});
