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

  async function shown(file: Uint8Array, channels: 1 | 3 = 3): Promise<Pixels> {
    return (await page.evaluate(`(async () => {
      const wanted = { channels: ${channels}, height: undefined, width: undefined, fit: 'fill' };
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
});
