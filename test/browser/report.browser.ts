/** The HTML report in a real browser. Screenshots of every case are left in out/browser, to be looked at. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { Browser, Page } from 'puppeteer-core';
import { renderLines } from '../../bench/ocr/lines.ts';
import { MODELS } from '../../bench/ocr/models.ts';
import { renderPages } from '../../bench/ocr/pages.ts';
import { callOptions } from '../../src/call/arguments.ts';
import type { RawArguments } from '../../src/call/values.ts';
import { checkFile, openAgainst } from '../../src/cli/check.ts';
import { swapFile } from '../../src/cli/swap.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import type { FinetuneFacts } from '../../src/jobs/finetune.ts';
import type { Outcome } from '../../src/jobs/outcome.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { renderHtml } from '../../src/report/html/index.ts';
import { hostileModel, manySites, reportOn } from '../support/reports.ts';
import { Scratch } from '../support/scratch.ts';
import { RUNS, trainedOutcome } from '../support/trained.ts';

const SHOTS = fileURLToPath(new URL('../../out/browser/', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const scratch = new Scratch();

async function swapped(model: string, raw: RawArguments = {}): Promise<Outcome> {
  const outcome = await swapFile(
    model,
    scratch.path('out.onnx'),
    callOptions({ report: ['r.html'], force: true, ...raw }),
    () => {},
  );
  expect(outcome.error).to.equal(undefined);
  return outcome;
}

function dataFile(name: string, { data, dims }: { data: Float32Array; dims: readonly number[] }): string {
  return scratch.write(name, writeNpz(new Map([['x', { type: DataType.FLOAT, dims, data }]])));
}

const VIEWS = [
  [1280, 'light'],
  [375, 'dark'],
  [1280, 'dark'],
  [375, 'light'],
] as const;

const CASES: Readonly<Record<string, () => Promise<Outcome[]>>> = {
  classifier: async () => {
    const lines = await renderLines({ count: 20, seed: 5 });
    return [await swapped(MODELS.classifier, { calibrate: dataFile('lines.npz', lines) })];
  },
  detector: async () => {
    const pages = await renderPages({ count: 3, seed: 5, size: 160 });
    return [await swapped(MODELS.detector, { sites: 'all', calibrate: dataFile('pages.npz', pages) })];
  },
  failed: async () => [await swapped(MODELS.classifier, { 'max-drift': 0.01 })],
  refusals: async () => [await swapped(hostileModel(scratch))],
  models: async () => [
    await swapped(scratch.fixture('bn-after-bn')),
    await swapped(scratch.fixture('rank-4'), { 'no-verify': true }),
  ],
  check: async () => {
    await swapped(MODELS.classifier);
    const against = await openAgainst(scratch.fixture('rank-4'), true);
    const options = callOptions({ report: ['r.html'] });
    return [await checkFile(scratch.path('out.onnx'), options, against, () => {}).finally(() => against.close())];
  },
  'trained-classify': async () => [trainedOutcome(await (RUNS.classify as () => Promise<FinetuneFacts>)())],
  'trained-detect': async () => [trainedOutcome(await (RUNS.detect as () => Promise<FinetuneFacts>)())],
  'trained-segment': async () => [trainedOutcome(await (RUNS.segment as () => Promise<FinetuneFacts>)())],
  thousand: async () => [manySites(await swapped(scratch.fixture('rank-4')), 1000)],
};

describe('the report in Chromium', () => {
  let browser: Browser | undefined;

  before(async function () {
    // Dynamic, as a machine without Chromium has no use for the driver.
    const { openBrowser } = await import('./chromium.ts');
    browser = await openBrowser();
    if (browser === undefined) this.skip();
    mkdirSync(SHOTS, { recursive: true });
    for (const [name, outcomes] of Object.entries(CASES)) {
      writeFileSync(join(SHOTS, `${name}.html`), await renderHtml(reportOn(...(await outcomes()))));
    }
  });

  after(async () => {
    await browser?.close();
    scratch.remove();
  });

  /** What the browser complained of, and what it asked for. */
  interface Heard {
    readonly complaints: string[];
    readonly requests: string[];
  }

  async function open(name: string, width = 1280, scheme = 'light'): Promise<{ page: Page; heard: Heard }> {
    const page = await (browser as Browser).newPage();
    const heard: Heard = { complaints: [], requests: [] };
    page.on('console', (message) => void heard.complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => void heard.complaints.push(String(error)));
    // Pictures in the page are addresses that hold them.
    page.on('request', (request) => request.url().startsWith('data:') || void heard.requests.push(request.url()));
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await page.setViewport({ width, height: 900 });
    await page.goto(pathToFileURL(join(SHOTS, `${name}.html`)).href);
    return { page, heard };
  }

  const rowsOf = (page: Page) =>
    page.$$eval('#sites tbody tr', (rows) => rows.filter((row) => row.checkVisibility()).map((row) => row.textContent));
  const columnOf = (page: Page, index: number) =>
    page.$$eval('#sites tbody tr', (rows, at) => rows.map((row) => row.children[at]?.textContent ?? ''), index);

  for (const name of Object.keys(CASES)) {
    // What hangs on both the width and the colours shows in one case; the others need each once.
    for (const [width, scheme] of VIEWS.slice(0, name === 'classifier' ? 4 : 2)) {
      it(`${name}: renders ${width} pixels wide, ${scheme}, without a complaint, a request or a thing off the page`, async () => {
        const { page, heard } = await open(name, width, scheme);
        await page.screenshot({
          path: join(SHOTS, `${name}-${width}-${scheme}.png`) as `${string}.png`,
          fullPage: name !== 'thousand',
        });
        expect(heard.complaints).to.deep.equal([]);
        expect(heard.requests).to.deep.equal([page.url()]);
        const { scroll, background, letters } = await page.evaluate(() => ({
          scroll: document.documentElement.scrollWidth,
          background: getComputedStyle(document.documentElement).backgroundColor,
          // Letters of charts that are smaller than 9 pixels as they are shown.
          letters: [...document.querySelectorAll('figure.chart svg text')].filter((it) => {
            const svg = it.closest('svg');
            const scale = svg === null ? 1 : svg.getBoundingClientRect().width / Number(svg.getAttribute('width'));
            return Number.parseFloat(getComputedStyle(it).fontSize) * scale < 9;
          }).length,
        }));
        expect(scroll).to.equal(width);
        expect(background).to.equal(scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(13, 17, 23)');
        expect(letters).to.equal(0);
        await page.close();
      });
    }

    for (const scheme of name === 'thousand' ? [] : ['light', 'dark']) {
      it(`${name}: axe finds nothing to object to, ${scheme}`, async () => {
        const { page } = await open(name, 1280, scheme);
        await page.evaluate(AXE);
        const { violations, passes } = (await page.evaluate('axe.run()')) as AxeResults;
        expect(violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html)])).to.deep.equal([]);
        expect(passes.map(({ id }) => id)).to.include.members([
          'color-contrast',
          'svg-img-alt',
          'table-duplicate-name',
        ]);
        await page.close();
      });
    }

    it(`${name}: prints, in light colours, without what paper has no use for`, async () => {
      const { page, heard } = await open(name, 1280, 'dark');
      const pdf = await page.pdf({ path: join(SHOTS, `${name}.pdf`), format: 'A4' });
      expect(Buffer.from(pdf.slice(0, 5)).toString()).to.equal('%PDF-');
      await page.emulateMediaType('print');
      const shown = await page.$$eval('nav, .tools', (all) => all.filter((it) => it.checkVisibility()).length);
      const background = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      expect([shown, background, heard.complaints]).to.deep.equal([0, 'rgb(255, 255, 255)', []]);
      await page.close();
    });
  }

  it('sorts by the keyboard, numbers as numbers, up and down', async () => {
    const { page } = await open('classifier');
    const heads = await page.$$eval('#sites thead th', (all) => all.map((it) => it.textContent));
    const index = heads.indexOf('error');
    const sort = () => page.$eval(`#sites thead th:nth-child(${index + 1})`, (head) => head.getAttribute('aria-sort'));
    await page.focus(`#sites thead th:nth-child(${index + 1}) button`);
    await page.keyboard.press('Enter');
    const up = (await columnOf(page, index)).map(Number);
    expect(await sort()).to.equal('ascending');
    expect(up).to.have.length(35);
    // As shown: two digits.
    expect(up).to.deep.equal(up.toSorted((a, b) => a - b));
    await page.keyboard.press('Space');
    expect(await sort()).to.equal('descending');
    expect((await columnOf(page, index)).map(Number)).to.deep.equal(up.toReversed());
    await page.focus(`#sites thead th:nth-child(${heads.indexOf('site') + 1}) button`);
    await page.keyboard.press('Enter');
    expect(await sort()).to.equal(null);
    const names = await columnOf(page, heads.indexOf('site'));
    expect(names.slice(8, 11).map((name) => name.replace(/.*\./, ''))).to.deep.equal(['8', '9', '10']);
    await page.close();
  });

  it('filters by the keyboard, and says how many rows are left', async () => {
    const { page } = await open('classifier');
    const all = (await rowsOf(page)).length;
    await page.focus('#sites-caption-filter');
    await page.keyboard.type('BATCHNORMALIZATION.3 passed');
    const left = await rowsOf(page);
    expect([all, left.length]).to.deep.equal([35, 6]);
    expect(await page.$eval('#sites output', (it) => it.textContent)).to.equal('6 of 35');
    await page.keyboard.type(' nothing has this');
    expect(await rowsOf(page)).to.deep.equal([]);
    await page.close();
  });

  it('reaches all there is to do with the Tab key, and shows where it is', async () => {
    const { page } = await open('classifier');
    const seen = new Set<string>();
    for (let count = 0; count < 60; count++) {
      await page.keyboard.press('Tab');
      const { tag, outline } = await page.evaluate(() => {
        const it = document.activeElement as HTMLElement;
        return { tag: it.localName, outline: getComputedStyle(it).outlineStyle };
      });
      if (tag === 'body') break;
      seen.add(tag);
      expect(outline, tag).to.equal('solid');
    }
    expect([...seen]).to.include.members(['a', 'button', 'input', 'div']);
    await page.close();
  });

  it('is all there without its script', async () => {
    const page = await (browser as Browser).newPage();
    await page.setJavaScriptEnabled(false);
    await page.goto(pathToFileURL(join(SHOTS, 'classifier.html')).href);
    expect(await rowsOf(page)).to.have.length(35);
    expect(await page.$$('button, input')).to.have.length(0);
    await page.close();
  });

  it('keeps still where motion is not wanted', async () => {
    const { page } = await open('classifier');
    const behaviour = () => page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior);
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    expect(await behaviour()).to.equal('auto');
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'no-preference' }]);
    expect(await behaviour()).to.equal('smooth');
    await page.close();
  });

  it('would not run a script or fetch a picture that came in from elsewhere', async () => {
    const { page, heard } = await open('refusals');
    await page.evaluate(async () => {
      let left = 2;
      const both = new Promise<void>((resolve) => {
        document.addEventListener('securitypolicyviolation', () => --left === 0 && resolve());
      });
      document.body.insertAdjacentHTML('beforeend', '<img src="http://192.0.2.1/a.png">');
      const script = document.createElement('script');
      script.textContent = 'document.title = "run"';
      document.body.append(script);
      await both;
    });
    expect(await page.title()).to.equal('gn-swap: hostile.onnx');
    expect(heard.complaints.join('\n')).to.match(/Content Security Policy/);
    await page.close();
  });
});
