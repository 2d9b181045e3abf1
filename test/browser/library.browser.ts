/** The example page of the library for browsers, as a web developer would serve it. */
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Browser, ElementHandle } from 'puppeteer-core';
import { bundle } from '../../scripts/bundle.ts';
import { swap } from '../../src/index.ts';
import { Scratch } from '../support/scratch.ts';
import { openBrowser } from './chromium.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.wasm': 'application/wasm' };

describe('the library in a page, in Chromium', function () {
  this.timeout(120_000);
  const scratch = new Scratch();
  let browser: Browser | undefined;
  let server: Server | undefined;
  let url: string;

  before(async function () {
    browser = await openBrowser();
    if (browser === undefined) return this.skip();
    await bundle(scratch.path('dist'));
    const places: readonly (readonly [string, string])[] = [
      ['/node_modules/gn-swap/dist/', scratch.path('dist/')],
      ['/node_modules/', `${ROOT}node_modules/`],
      ['/', `${ROOT}examples/browser/`],
    ];
    server = createServer(({ url: path = '/' }, response) => {
      const [prefix, folder] = places.find(([start]) => path.startsWith(start)) ?? ['', ''];
      const file = join(folder, path.slice(prefix.length));
      if (!existsSync(file)) {
        response.statusCode = 404;
        response.end();
        return;
      }
      response.setHeader('Content-Type', TYPES[extname(file)] ?? 'text/javascript');
      createReadStream(file).pipe(response);
    });
    await new Promise<void>((resolve) => server?.listen(0, resolve));
    const address = server.address();
    url = `http://localhost:${typeof address === 'object' ? address?.port : ''}/index.html`;
  });
  after(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    scratch.remove();
  });

  /** Gives the page a file, and returns what it says. */
  async function said(file: string): Promise<{ text: string; bytes: Uint8Array | undefined }> {
    if (browser === undefined) return expect.fail('there is no browser');
    const page = await browser.newPage();
    await page.goto(url);
    const input = (await page.waitForSelector('input')) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(file);
    await page.waitForFunction('!/^$|^Working/.test(document.querySelector("#result").textContent)');
    const text = (await page.evaluate('document.querySelector("#result").textContent')) as string;
    const bytes = (await page.evaluate(`(async () => {
      const link = document.querySelector('#result a');
      return link && [...new Uint8Array(await (await fetch(link.href)).arrayBuffer())];
    })()`)) as number[] | null;
    await page.close();
    return { text, bytes: bytes === null ? undefined : Uint8Array.from(bytes) };
  }

  it('swaps a model and verifies it: the bytes are those of Node', async () => {
    const file = scratch.fixture('opset-17');
    const { text, bytes } = await said(file);
    expect(text).to.match(/^\d+ norm\(s\) swapped, verified: opset-17\.gn\.onnx$/);
    const own = await swap(readFileSync(file), { groups: 8 });
    expect(Buffer.compare(bytes ?? new Uint8Array(), own.model)).to.equal(0);
  });

  it('says what is wrong with what is not a model', async () => {
    const { text, bytes } = await said(scratch.write('a.onnx', '<!doctype html>'));
    expect(text).to.equal('not an ONNX file: it is a web page. Download the file itself, not the page that shows it.');
    expect(bytes).to.equal(undefined);
  });
});
