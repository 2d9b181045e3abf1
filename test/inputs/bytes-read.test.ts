import { expect } from 'chai';
import sharp from 'sharp';
import { openSplit } from '../../src/inputs/labelled/split.ts';
import { openData } from '../../src/inputs/open.ts';
import { pictureSizeIn } from '../../src/inputs/picture-head.ts';
import { rejection } from '../support/errors.ts';
import { CountingFiles, MemoryFiles, noiseJpeg, plainPng } from '../support/files.ts';
import { pictureModel } from '../support/labelled.ts';

/** Twelve photographs of about 430 kB, no two of one size. */
async function photos(folder: string): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  for (let at = 0; at < 12; at++)
    found[`${folder}/${at % 2 ? 'cat' : 'dog'}/${at}.jpg`] = await noiseJpeg(420 + at, at);
  return found;
}

const total = (files: Record<string, Uint8Array>) => Object.values(files).reduce((sum, { length }) => sum + length, 0);

describe('bytes that are read', () => {
  let files: Record<string, Uint8Array>;
  before(async () => {
    files = await photos('d');
  });

  it('of pictures to be split by share are their two ends: they were read twice, once for their sizes and once to tell copies', async () => {
    const asked = { task: 'classify', seed: 0 } as const;
    const counting = new CountingFiles(files);
    const { train, val } = await openSplit('d', pictureModel(), asked, counting);
    expect([train.count, val.count]).to.deep.equal([10, 2]);
    // 128 KiB of the beginning and 64 KiB of the end of each file.
    expect(counting.bytes).to.equal(12 * 192 * 1024);
    expect(counting.bytes).to.be.below(0.4 * 2 * total(files));
    // What can only read files whole answers the same.
    const whole = await openSplit('d', pictureModel(), asked, new MemoryFiles(files));
    expect(whole.val.names).to.deep.equal(val.names);
    for (let at = 0; at < val.count; at++) expect(whole.val.keyOf(at)).to.equal(val.keyOf(at));
  });

  it('include the contents of those that are equally large, and of no others', async () => {
    const [dog, cat] = [files['d/dog/0.jpg'] as Uint8Array, files['d/cat/1.jpg'] as Uint8Array];
    // Equally large, and another picture.
    const other = Uint8Array.from(cat);
    other[cat.length - 3] = (other[cat.length - 3] as number) ^ 1;
    const more = { ...files, 'd/dog/copy.jpg': dog, 'd/cat/other.jpg': other };
    const counting = new CountingFiles(more);
    const { train, val } = await openSplit('d', pictureModel(), { task: 'classify', seed: 0, val: 0.4 }, counting);
    expect(counting.bytes).to.equal(14 * 192 * 1024 + 2 * dog.length + 2 * cat.length);
    for (const { names } of [train, val]) expect(names.includes('dog/0.jpg')).to.equal(names.includes('dog/copy.jpg'));
  });

  it('of pictures to calibrate on are those of each file once, however often the samples are gone over', async () => {
    const counting = new CountingFiles(files);
    const { data } = await openData('d', pictureModel(), { samples: 8, seed: 0 }, counting);
    const opened = counting.bytes;
    // Eight of the twelve, once: each was read a second time to tell copies.
    expect(opened).to.be.within(0.6 * total(files), 0.7 * total(files));
    for (let pass = 0; pass < 7; pass++) for (let at = 0; at < 8; at++) await data.load(at);
    expect(counting.bytes).to.equal(opened);
  });
});

describe('pictureSizeIn', () => {
  it('tells the size from the two ends as from the whole, turned as the picture is looked at', async () => {
    const upright = await noiseJpeg(500, 1);
    const turned = await sharp(upright)
      .resize(500, 300, { fit: 'fill' })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toBuffer();
    const png = await sharp(upright).png().toBuffer();
    for (const [file, size] of [
      [upright, { height: 500, width: 500 }],
      [turned, { height: 500, width: 300 }],
      [png, { height: 500, width: 500 }],
    ] as const) {
      const counting = new CountingFiles({ a: file });
      expect(await pictureSizeIn('a', counting)).to.deep.equal(size);
      expect(file.length).to.be.above(192 * 1024);
      expect(counting.bytes).to.equal(192 * 1024);
    }
  });

  it('reads the whole file if its beginning is not enough: a large profile lies before the size, or the file is small', async () => {
    const jpeg = await noiseJpeg(500, 1);
    // Three comments of 60,000 bytes behind the mark of the beginning.
    const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0xea, 0x62]), Buffer.alloc(60_000)]);
    const late = Buffer.concat([jpeg.subarray(0, 2), comment, comment, comment, jpeg.subarray(2)]);
    expect(await pictureSizeIn('a', new CountingFiles({ a: late }))).to.deep.equal({ height: 500, width: 500 });
    const small = await plainPng('#f00', 30, 20);
    expect(await pictureSizeIn('a', new CountingFiles({ a: small }))).to.deep.equal({ height: 20, width: 30 });
  });

  it('still sees that a file is cut off', async () => {
    const jpeg = await noiseJpeg(500, 1);
    const error = await rejection(pictureSizeIn('a', new CountingFiles({ a: jpeg.subarray(0, jpeg.length - 5000) })));
    expect([error.code, error.message]).to.deep.equal(['invalid-data', 'its end is missing: the file is cut off']);
  });
});
