import { expect } from 'chai';
import { opaqueGif } from '../../../src/inputs/pictures/gif.ts';
import { pixelsOf } from '../../../src/inputs/pictures/node.ts';

const text = (it: string) => Array.from(it, (character) => character.charCodeAt(0));
const COMMENT = [0x21, 0xfe, 3, ...text('abc'), 2, ...text('de'), 0];
const control = (flags: number) => [0x21, 0xf9, 4, flags, 0, 0, 1, 0];

/** Two pixels, red and blue, of which blue may be called transparent; written by hand after GIF89a. */
function gif(...blocks: readonly (readonly number[])[]): Uint8Array {
  const palette = [255, 0, 0, 0, 0, 255];
  const picture = [0x2c, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x44, 0x0a, 0];
  return Uint8Array.from([...text('GIF89a'), 2, 0, 1, 0, 0x80, 0, 0, ...palette, ...blocks.flat(), ...picture, 0x3b]);
}

describe('a GIF', () => {
  it('has the colours of its palette, whether one is called transparent or not', async () => {
    for (const blocks of [[], [control(0)], [control(1)], [COMMENT, control(5), COMMENT]]) {
      const { data } = await pixelsOf(gif(...blocks), {
        channels: 3,
        fit: 'fill',
        height: undefined,
        width: undefined,
      });
      expect(Array.from(data)).to.deep.equal([255, 0, 0, 0, 0, 255]);
    }
  });

  it('is left as it is if nothing in it is transparent, and so is another file, or one that is cut off', () => {
    for (const file of [gif(), gif(control(4)), Uint8Array.of(1, 2), new Uint8Array(0), gif(COMMENT).subarray(0, 24)])
      expect(opaqueGif(file)).to.equal(file);
    const clear = gif(COMMENT, control(5));
    const before = clear.slice();
    expect(opaqueGif(clear)).to.deep.equal(gif(COMMENT, control(4)));
    expect(clear).to.deep.equal(before);
  });
});
