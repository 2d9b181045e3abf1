import { expect } from 'chai';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { readMask } from '../../../../src/inputs/labelled/segment/png.ts';
import { rejection } from '../../../support/errors.ts';

const raw = (data: readonly number[], channels: 1 | 2 | 3 | 4, depth: 8 | 16 = 8) =>
  encode({
    width: data.length / channels,
    height: 1,
    channels,
    depth,
    data: depth === 16 ? Uint16Array.from(data) : Uint8Array.from(data),
  });

async function shown(bytes: Uint8Array) {
  const { height, width, ids, colourAt } = await readMask(bytes, 'm.png');
  const colours = Array.from({ length: height * width }, (_, pixel) => colourAt(pixel).toString(16).padStart(6, '0'));
  return { ids: ids && Array.from(ids).join(' '), colours: colours.join(' ') };
}

describe('readMask', () => {
  it('reads greys with transparency or without, and greys that were saved in colour', async () => {
    const expected = { ids: '0 7 255', colours: '000000 070707 ffffff' };
    expect(await shown(raw([0, 7, 255], 1))).to.deep.equal(expected);
    expect(await shown(raw([0, 255, 7, 0, 255, 9], 2))).to.deep.equal(expected);
    expect(await shown(raw([0, 0, 0, 7, 7, 7, 255, 255, 255], 3))).to.deep.equal(expected);
    expect(await shown(raw([0, 0, 0, 255, 7, 7, 7, 0, 255, 255, 255, 9], 4))).to.deep.equal(expected);
  });

  it('reads colours, of 16 bits their upper ones; greys of 16 bits are numbers as they are', async () => {
    expect(await shown(raw([1, 2, 3, 0, 128, 255], 3))).to.deep.equal({ ids: undefined, colours: '010203 0080ff' });
    expect(await shown(raw([0x0100, 0x02ff, 0x0301], 3, 16))).to.deep.equal({ ids: undefined, colours: '010203' });
    expect((await shown(raw([300, 7], 1, 16))).ids).to.equal('300 7');
    expect((await shown(raw([300, 65_535, 7, 0], 2, 16))).ids).to.equal('300 7');
  });

  it('begins each row of pixels of a few bits with a new byte', async () => {
    // 5 pixels of 1 bit are 5 bits of a byte.
    const rows = [0, 255, 0, 255, 255, 255, 0, 0, 0, 255];
    const png = await sharp(Uint8Array.from(rows), { raw: { width: 5, height: 2, channels: 1 } })
      .png({ palette: true, colours: 2 })
      .toBuffer();
    const { ids, colours } = await shown(png);
    expect(colours.split(' ')).to.deep.equal(rows.map((value) => (value === 0 ? '000000' : 'ffffff')));
    expect(new Set(ids?.split(' '))).to.deep.equal(new Set(['0', '1']));
  });

  it('reads interlaced masks as others, but for pixels of a few bits', async () => {
    const picture = sharp(
      Uint8Array.from({ length: 64 }, (_, at) => at),
      { raw: { width: 8, height: 8, channels: 1 } },
    );
    const [plain, interlaced] = [
      await picture.clone().png().toBuffer(),
      await picture.clone().png({ progressive: true }).toBuffer(),
    ];
    expect(await shown(interlaced)).to.deep.equal(await shown(plain));
    const few = await picture.png({ palette: true, colours: 4, progressive: true }).toBuffer();
    expect((await rejection(readMask(few, 'm.png'))).message).to.equal(
      'it is interlaced, with several pixels in a byte',
    );
  });

  it('refuses what is damaged or no PNG', async () => {
    const whole = raw([1, 2, 3, 4, 5, 6, 7, 8], 1);
    const wrong = whole.slice();
    // The checksum of the header alone.
    wrong[29] = (wrong[29] as number) ^ 1;
    const other = new Uint8Array(40);
    other.set([0xff, 0xd8]);
    other[28] = 1;
    for (const bytes of [whole.subarray(0, 40), wrong, other, new Uint8Array(0)]) {
      const error = await rejection(readMask(bytes, 'm.png'));
      expect(error).to.include({ code: 'invalid-data', file: 'm.png' });
      expect(error.message).to.match(/^the mask is not a PNG that can be read/);
    }
  });

  it('names masks of other formats, with a command that makes PNGs of them', async () => {
    const refusal = async (start: string, file: string) => {
      const error = await rejection(
        readMask(
          Uint8Array.from(`${start}    `, (it) => it.charCodeAt(0)),
          file,
        ),
      );
      return `${error.message} | ${error.remedy}`;
    };
    const jpeg = await refusal('\xff\xd8\xff', 'd/masks/a.jpg');
    expect(jpeg).to.match(
      /^the mask is not a PNG that can be read: it is a JPEG, which blurs the numbers of classes \|/,
    );
    expect(jpeg).to.include('convert("L").point(lambda v: v // 128)').and.include('glob.glob("d/masks/*.jpg")');
    for (const [start, what] of [
      ['BM', 'a BMP'],
      ['GIF89a', 'a GIF'],
      ['II*\0', 'a TIFF'],
      ['RIFF....WEBP', 'a WebP'],
    ] as const)
      expect(await refusal(start, 'my set/masks/a.x')).to.equal(
        `the mask is not a PNG that can be read: it is ${what} | Make PNGs of them: python3 -c 'import glob; from PIL import Image; ` +
          `[Image.open(f).save(f.rsplit(".", 1)[0] + ".png") for f in glob.glob("my set/masks/*.x")]'`,
      );
  });
});
