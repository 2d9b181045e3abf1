/** Pictures as Chromium decodes them, against sharp. */
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import type { Browser, Page } from 'puppeteer-core';
import sharp from 'sharp';
import { forBrowser } from '../../scripts/for-browser.ts';
import * as node from '../../src/inputs/pictures/node.ts';
import type { Pixels } from '../../src/inputs/pictures/types.ts';
import { photos, picture } from '../support/photos.ts';
import { pngs } from '../support/pngs.ts';
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

  async function shown(file: Uint8Array, side?: number, channels = 3): Promise<Pixels> {
    return (await page.evaluate(`(async () => {
      const wanted = { channels: ${channels}, height: ${side}, width: ${side}, fit: 'fill' };
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

  for (const [name, make] of Object.entries(photos)) {
    it(`are the same as in Node: ${name}`, async () => {
      const file = await make();
      for (const channels of [3, 1] as const) {
        const theirs = await node.pixelsOf(file, { channels, height: undefined, width: undefined, fit: 'fill' });
        const ours = await shown(file, undefined, channels);
        expect([ours.height, ours.width]).to.deep.equal([theirs.height, theirs.width]);
        const most = Math.max(...Array.from(ours.data, (it, at) => Math.abs(it - (theirs.data[at] as number))));
        // Chromium rounds the light behind inks, and the colours of a JPEG, in its own way.
        expect(most).to.be.at.most(name.includes('JPEG') ? 1 : 0);
      }
    });
  }

  it('of AVIF differ in the last bits, if their colours are stored at full size', async () => {
    for (const channels of [3, 4] as const) {
      const file = await picture(channels).avif({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer();
      const theirs = await node.pixelsOf(file, { channels: 3, height: undefined, width: undefined, fit: 'fill' });
      const off = Array.from((await shown(file)).data, (it, at) => Math.abs(it - (theirs.data[at] as number)));
      expect(Math.max(...off)).to.be.at.most(2);
    }
  });

  it('of TIFF are refused, with what to do', async () => {
    const tiff = await picture().tiff().toBuffer();
    expect(await shown(tiff).then(() => 'read', String)).to.include('this browser does not read TIFF');
  });

  it('are made smaller as in Node', async () => {
    const size = { height: 240, width: 320 };
    const data = Uint8Array.from(
      { length: 240 * 320 * 3 },
      (_, at) => 128 + 100 * Math.sin(at / 37) * Math.cos(at / 4001),
    );
    const original = sharp(data, { raw: { ...size, channels: 3 } });
    for (const [kind, file] of Object.entries({
      PNG: await original.clone().png().toBuffer(),
      'JPEG 4:4:4': await original.clone().jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(),
      'JPEG 4:2:0': await original.clone().jpeg({ quality: 95 }).toBuffer(),
      WebP: await original.webp({ quality: 95 }).toBuffer(),
    })) {
      for (const side of [96, 64, 20]) {
        const theirs = await node.pixelsOf(file, { channels: 3, height: side, width: side, fit: 'fill' });
        const off = Array.from((await shown(file, side)).data, (it, at) => Math.abs(it - (theirs.data[at] as number)));
        expect(off.reduce((sum, it) => sum + it, 0) / off.length, `${kind} at ${side}`).to.be.below(0.6);
      }
    }
  });
});
