/** Decoded pixels made into a model's, against sharp, which shares no code with it. */
import { expect } from 'chai';
import sharp from 'sharp';
import { fitted } from '../../../src/inputs/pictures/fitted.ts';
import * as node from '../../../src/inputs/pictures/node.ts';
import { resample } from '../../../src/inputs/pictures/resample.ts';
import type { Wanted } from '../../../src/inputs/pictures/types.ts';
import type * as web from '../../../src/inputs/pictures/web.ts';

const SIZE = { height: 61, width: 97 };

/** Waves of several lengths and an edge, in three colours that differ, with alpha. */
function picture(): Uint8Array {
  const rgba = new Uint8Array(SIZE.height * SIZE.width * 4);
  for (let y = 0, at = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++, at += 4) {
      const edge = x > 40 && y > 20 ? 90 : 0;
      rgba[at] = 80 + 40 * Math.sin(x / 3) + edge;
      rgba[at + 1] = 100 + 90 * Math.cos((x + y) / 7);
      rgba[at + 2] = (3 * x + 5 * y) % 256;
      rgba[at + 3] = 17;
    }
  }
  return rgba;
}

async function png(): Promise<Uint8Array> {
  return sharp(picture(), { raw: { ...SIZE, channels: 4 } })
    .removeAlpha()
    .png()
    .toBuffer();
}

/** Mean and largest difference in bytes. */
async function differences(wanted: Wanted): Promise<{ mean: number; most: number }> {
  const ours = fitted(picture(), SIZE, wanted);
  const theirs = await node.pixelsOf(await png(), wanted);
  expect([ours.height, ours.width]).to.deep.equal([theirs.height, theirs.width]);
  expect(ours.data.length).to.equal(theirs.data.length);
  let [sum, most] = [0, 0];
  for (let i = 0; i < ours.data.length; i++) {
    const difference = Math.abs((ours.data[i] as number) - (theirs.data[i] as number));
    sum += difference;
    most = Math.max(most, difference);
  }
  return { mean: sum / ours.data.length, most };
}

const wanted = (changes: Partial<Wanted>): Wanted => ({
  channels: 3,
  height: undefined,
  width: undefined,
  fit: 'fill',
  ...changes,
});

describe('pixels of a picture in a browser', () => {
  it('come from functions of the same types as in Node', () => {
    const check = (module: Pick<typeof web, 'pixelsOf' | 'sizeOf'>): typeof node => module;
    expect(check(node)).to.equal(node);
  });

  it('are the very bytes of the picture at its own size', async () => {
    expect(await differences(wanted({}))).to.deep.equal({ mean: 0, most: 0 });
  });

  // Two roundings to bytes, and weights of 12 bits in libvips: a step or two, on edges a few more.
  for (const [what, changes] of [
    ['smaller', { height: 24, width: 40 }],
    ['a third of the size', { height: 20, width: 32 }],
    ['padded', { height: 40, width: 40, fit: 'contain' }],
    ['cropped', { height: 40, width: 40, fit: 'cover' }],
    ['narrower alone', { width: 50 }],
    ['a ninth of the size', { height: 7, width: 11 }],
    ['a ninth of the size, padded', { height: 11, width: 11, fit: 'contain' }],
  ] as const) {
    it(`are those of sharp but for rounding: ${what}`, async () => {
      const { mean, most } = await differences(wanted(changes));
      expect(mean).to.be.below(0.6);
      expect(most).to.be.at.most(8);
    });
  }

  it('are those of sharp but for rounding: larger', async () => {
    const { mean } = await differences(wanted({ height: 100, width: 150 }));
    expect(mean).to.be.below(1);
  });

  it('are those of sharp but for rounding: grey', async () => {
    const { mean, most } = await differences(wanted({ channels: 1 }));
    expect(mean).to.be.below(0.6);
    expect(most).to.be.at.most(2);
  });

  it('keep a plain colour at any size, and stay within bytes at an edge', () => {
    const plain = new Uint8Array(7 * 9 * 3).fill(200);
    for (const to of [
      { height: 3, width: 4 },
      { height: 20, width: 30 },
    ]) {
      const result = Array.from(resample(plain, { height: 7, width: 9 }, to, 3));
      expect(result).to.have.length(to.height * to.width * 3);
      expect(new Set(result)).to.deep.equal(new Set([200]));
    }
    const edge = Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 0 : 255));
    const larger = Array.from(resample(edge, { height: 8, width: 8 }, { height: 8, width: 21 }, 1));
    expect(Math.min(...larger)).to.equal(0);
    expect(Math.max(...larger)).to.equal(255);
  });
});
