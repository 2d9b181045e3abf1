import { expect } from 'chai';
import sharp from 'sharp';
import { END_WITHIN, isCutOff } from '../../src/inputs/picture-end.ts';

const picture = sharp(new Uint8Array(3 * 64), { raw: { width: 8, height: 8, channels: 3 } });
const [png, jpeg, webp, gif] = await Promise.all(
  (['png', 'jpeg', 'webp', 'gif'] as const).map(
    async (kind) => new Uint8Array(await picture.clone().toFormat(kind).toBuffer()),
  ),
);

describe('isCutOff', () => {
  it('is false for whole files, also with what cameras append, and for other kinds', () => {
    for (const file of [png, jpeg, webp, gif] as Uint8Array[]) {
      expect(isCutOff(file)).to.equal(false);
      expect(isCutOff(Uint8Array.from([...file, ...new Array<number>(1000).fill(0)]))).to.equal(false);
    }
    expect(isCutOff((gif as Uint8Array).subarray(0, 20))).to.equal(false);
    expect(isCutOff(new Uint8Array(0))).to.equal(false);
  });

  it('is true wherever a file ends before its end', () => {
    for (const file of [png, jpeg, webp] as Uint8Array[]) {
      for (let length = 8; length < file.length; length++)
        expect(isCutOff(file.subarray(0, length)), `${length}`).to.equal(true);
    }
  });

  it('looks for the end in the last part only, or in the part that is given', () => {
    const padded = (bytes: number) => {
      const long = new Uint8Array((png as Uint8Array).length + bytes);
      long.set(png as Uint8Array);
      return long;
    };
    expect(isCutOff(padded(END_WITHIN - 12))).to.equal(false);
    expect(isCutOff(padded(END_WITHIN))).to.equal(true);
    expect(isCutOff((png as Uint8Array).subarray(0, 30), png)).to.equal(false);
    expect(isCutOff(png as Uint8Array, new Uint8Array(100))).to.equal(true);
  });
});
