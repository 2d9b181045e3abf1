/** Pictures as Chromium decodes them, against sharp. */
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import type { Browser, Page } from 'puppeteer-core';
import sharp from 'sharp';
import { forBrowser } from '../../scripts/for-browser.ts';
import * as node from '../../src/inputs/pictures/node.ts';
import type { Pixels } from '../../src/inputs/pictures/types.ts';
import { pngs, SIDE, waves } from '../support/pngs.ts';
import { openBrowser } from './chromium.ts';

const WEB = fileURLToPath(new URL('../../src/inputs/pictures/web.ts', import.meta.url));

describe('pictures in Chromium', function () {
  this.timeout(120_000);
  let browser: Browser | undefined;
  let page: Page;

  before(async function () {
    browser = await openBrowser();
    if (browser === undefined) return this.skip();
    const { outputFiles } = await build({
      entryPoints: [WEB],
      bundle: true,
      format: 'iife',
      globalName: 'pictures',
      platform: 'browser',
      write: false,
      plugins: [forBrowser],
      external: ['stream'],
      logLevel: 'error',
    });
    page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
  });
  after(() => browser?.close());

  async function shown(file: Uint8Array, side?: number): Promise<Pixels> {
    return (await page.evaluate(`(async () => {
      const wanted = { channels: 3, height: ${side}, width: ${side}, fit: 'fill' };
      const { data, ...size } = await pictures.pixelsOf(Uint8Array.from([${file.join()}]), wanted);
      return { ...size, data: [...data] };
    })()`)) as Pixels;
  }

  for (const [name, make] of Object.entries(pngs)) {
    it(`are the same as in Node: a PNG ${name}`, async () => {
      const file = await make();
      const theirs = await node.pixelsOf(file, { channels: 3, height: undefined, width: undefined, fit: 'fill' });
      const ours = await shown(file);
      expect([ours.height, ours.width]).to.deep.equal([theirs.height, theirs.width]);
      expect(Array.from(ours.data)).to.deep.equal(Array.from(theirs.data));
    });
  }

  it('are turned as cameras say, and the first of several', async () => {
    const upright = sharp(waves(3), { raw: { width: SIDE, height: SIDE / 2, channels: 3 } });
    const turned = await upright.clone().withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    const theirs = await node.pixelsOf(turned, { channels: 3, height: undefined, width: undefined, fit: 'fill' });
    const ours = await shown(turned);
    expect([ours.height, ours.width]).to.deep.equal([SIDE, SIDE / 2]);
    const most = Math.max(...Array.from(ours.data, (it, at) => Math.abs(it - (theirs.data[at] as number))));
    expect(most).to.be.at.most(4);
  });

  it('are made smaller as in Node, from a JPEG or a PNG', async () => {
    const size = { height: 240, width: 320 };
    const data = Uint8Array.from(
      { length: 240 * 320 * 3 },
      (_, at) => 128 + 100 * Math.sin(at / 37) * Math.cos(at / 4001),
    );
    const picture = sharp(data, { raw: { ...size, channels: 3 } });
    // Colours that are stored at half the size are brought to the whole one before they are made smaller here, and not in Node.
    for (const [file, most] of [
      [await picture.clone().png().toBuffer(), 0.5],
      [await picture.clone().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(), 0.9],
      [await picture.jpeg({ quality: 95 }).toBuffer(), 1.5],
    ] as const) {
      for (const side of [96, 64, 20]) {
        const theirs = await node.pixelsOf(file, { channels: 3, height: side, width: side, fit: 'fill' });
        const off = Array.from((await shown(file, side)).data, (it, at) => Math.abs(it - (theirs.data[at] as number)));
        expect(off.reduce((sum, it) => sum + it, 0) / off.length, `${side}`).to.be.below(most);
      }
    }
  });
});
