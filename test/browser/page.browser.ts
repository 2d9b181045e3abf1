/** The page in a real browser, from the drop of a model to the download. Screenshots are left in out/browser, to be looked at. */
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Browser, Page } from 'puppeteer-core';
import sharp from 'sharp';
import { renderLines } from '../../bench/ocr/lines.ts';
import { MODELS } from '../../bench/ocr/models.ts';
import { buildWeb } from '../../scripts/web-build.ts';
import type { Server } from '../../scripts/web-server.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { check } from '../../src/jobs/check.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import {
  type Asked,
  choose,
  downloadsInto,
  drop,
  objections,
  openPage,
  SHOTS,
  serveHeard,
  waitForHeading,
} from '../support/browser-page.ts';
import { yolov8 } from '../support/detectors.ts';
import { writeTraining } from '../support/finetune.ts';
import { hostileModel } from '../support/reports.ts';
import { Scratch } from '../support/scratch.ts';

const scratch = new Scratch();

/** Text of the first element that matches. */
const textOf = (page: Page, selector: string) => page.$eval(selector, (it) => it.textContent ?? '');
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent ?? '');

/** Presses Tab until the element has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let count = 0; count < 80; count++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
  }
  throw new Error(`Tab does not reach ${selector}`);
}

/** Chooses files with the keyboard: the input must have the focus. A busy machine may lose the first chooser, so Space follows Enter. */
async function chooseByKey(page: Page, ...files: string[]): Promise<void> {
  await page.bringToFront();
  for (const key of ['Enter', 'Space', 'Enter'] as const) {
    const chooser = page.waitForFileChooser({ timeout: 8000 }).catch(() => undefined);
    await page.keyboard.press(key);
    const opened = await chooser;
    if (opened === undefined) continue;
    await opened.accept(files);
    return;
  }
  throw new Error('no key opens the file chooser');
}

describe('the page in Chromium', () => {
  let browser: Browser;
  let server: Server & { readonly asked: Asked[] };
  let lines: string;

  before(async function () {
    const { openBrowser } = await import('./chromium.ts');
    const opened = await openBrowser();
    if (opened === undefined) this.skip();
    browser = opened;
    mkdirSync(SHOTS, { recursive: true });
    await buildWeb(scratch.path('web'));
    server = await serveHeard(scratch.path('web'));
    const { data, dims } = await renderLines({ count: 8, seed: 5 });
    lines = scratch.write('lines.npz', writeNpz(new Map([['x', { type: DataType.FLOAT, dims, data }]])));
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    scratch.remove();
  });

  it('goes from a model to a verified download with the keyboard alone', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    const downloaded = await downloadsInto(page, scratch.path('downloads'));
    await tabTo(page, '#model-file');
    await chooseByKey(page, MODELS.classifier);
    await waitForHeading(page, 'What was found');
    expect(await focused(page)).to.equal('ch_ppocr_mobile_v2.0_cls_infer.onnx');
    expect(await textOf(page, '#outcome .verdict')).to.match(/35 .*can be swapped/);
    await tabTo(page, '#swap-calibrate-files');
    await chooseByKey(page, lines);
    await tabTo(page, '#swap-groups');
    await page.keyboard.type('4');
    await tabTo(page, '#run');
    await page.keyboard.press('Enter');
    await waitForHeading(page, 'is ready');
    expect(await focused(page)).to.match(/cls_infer\.gn\.onnx is ready/);
    expect(await textOf(page, '#outcome .verdict')).to.match(/^Correct: 35 norms match their float64 reference/);
    await tabTo(page, '#outcome .primary');
    await page.keyboard.press('Enter');
    const path = await downloaded('ch_ppocr_mobile_v2.0_cls_infer.gn.onnx');
    const { passed, sites } = await check(readFileSync(path), { against: readFileSync(MODELS.classifier) });
    expect([passed, sites.length]).to.deep.equal([true, 35]);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('takes what is dropped: a model, then a folder of samples, and shows the plan anew for each option', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    await drop(page, '#model-drop', MODELS.classifier);
    await waitForHeading(page, 'What was found');
    mkdirSync(scratch.path('samples', 'deep'), { recursive: true });
    writeFileSync(scratch.path('samples', 'deep', 'lines.npz'), readFileSync(lines));
    await drop(page, '#outcome', scratch.path('samples'));
    await page.waitForFunction(() => document.querySelector('#swap-calibrate-picked')?.textContent !== '');
    expect(await textOf(page, '#swap-calibrate-picked')).to.match(/^lines\.npz, /);
    await page.select('#swap-to', 'instance');
    await page.waitForFunction(() =>
      /InstanceNormalization/.test(document.querySelector('#swap-to-hint')?.textContent ?? ''),
    );
    await page.waitForFunction(
      () => document.querySelector('#section-sites tbody tr td:nth-child(4)')?.textContent === '8',
    );
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('asks for nothing but its own files, and for nothing once it is ready to work offline', async () => {
    const own = await serveHeard(scratch.path('web'));
    const { page, complaints, requests, close } = await openPage(browser, own.url);
    await page.waitForFunction(() => document.querySelector('#offline')?.textContent === 'Ready to work offline');
    const before = own.asked.length;
    await choose(page, '#model-file', MODELS.classifier);
    await waitForHeading(page, 'What was found');
    await page.click('#run');
    await waitForHeading(page, 'is ready');
    await page.evaluate(() =>
      [...document.querySelectorAll('button')].find((it) => it.textContent === 'Show report')?.click(),
    );
    await page.waitForSelector('iframe');
    expect(own.asked.slice(before)).to.deep.equal([]);
    expect(new Set(own.asked.map(({ method }) => method))).to.deep.equal(new Set(['GET']));
    const addresses = requests.filter((url) => !/^(blob|data|about):/.test(url));
    expect(addresses.filter((url) => !url.startsWith(own.url))).to.deep.equal([]);
    await own.close();
    await page.reload();
    await choose(page, '#model-file', MODELS.classifier);
    await waitForHeading(page, 'What was found');
    await page.click('#run');
    await waitForHeading(page, 'is ready');
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('lets nothing out to another origin, on a server that sends no headers too', async () => {
    const plain = await serveHeard(scratch.path('web'), { headers: false });
    const { page, close } = await openPage(browser, plain.url);
    await choose(page, '#model-file', MODELS.classifier);
    await waitForHeading(page, 'What was found');
    const send = () =>
      fetch('https://192.0.2.1/', { method: 'POST', body: 'x', mode: 'no-cors' }).then(
        () => 'sent',
        () => 'refused',
      );
    const [worker] = page.workers();
    const told = page.waitForResponse(() => true, { timeout: 500 }).catch(() => 'nothing was asked for');
    expect([await page.evaluate(send), await worker?.evaluate(send), await told]).to.deep.equal([
      'refused',
      'refused',
      'nothing was asked for',
    ]);
    await close();
    await plain.close();
  });

  it('needs each exception of its policy: without it, the page does not work', async () => {
    const html = readFileSync(scratch.path('web', 'index.html'), 'utf8');
    const works = async (without: string, by: string, name: string) => {
      cpSync(scratch.path('web'), scratch.path(name), { recursive: true });
      expect(html).to.include(without);
      writeFileSync(scratch.path(name, 'index.html'), html.replace(without, by));
      const weak = await serveHeard(scratch.path(name), { headers: false });
      const { page, close } = await openPage(browser, weak.url);
      await choose(page, '#model-file', MODELS.classifier);
      await page.waitForFunction(
        () =>
          document.querySelector('#outcome h2') !== null || !document.querySelector('#notice')?.hasAttribute('hidden'),
      );
      if ((await page.$('#outcome h2')) !== null) {
        await page.click('#run');
        await page.waitForFunction(() => /ready|work/.test(document.querySelector('#outcome h2')?.textContent ?? ''));
      }
      const said = await page.$eval('#outcome', (it) => it.textContent);
      await close();
      await weak.close();
      return said?.includes('is ready') ?? false;
    };
    expect(await works("connect-src 'self'", "connect-src 'self'", 'all')).to.equal(true);
    expect(await works("connect-src 'self'", "connect-src 'none'", 'no-connect')).to.equal(false);
    expect(await works(" 'wasm-unsafe-eval'", '', 'no-wasm')).to.equal(false);
    expect(await works(' blob:;', ';', 'no-blob')).to.equal(false);
  });

  it('says what is wrong with a file that is not a model, and still works', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    const half = scratch.write('half.onnx', readFileSync(MODELS.classifier).subarray(0, 100_000));
    const huge = scratch.path('huge.onnx');
    closeSync(openSync(huge, 'w'));
    truncateSync(huge, 3e9);
    const photo = scratch.write(
      'photo.png',
      new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]),
    );
    const said = new Map<string, string>();
    for (const file of [photo, half, huge]) {
      await choose(page, '#model-file', file);
      const name = file.split('/').at(-1) ?? '';
      await page.waitForFunction((own) => document.querySelector('#notice')?.textContent?.startsWith(own), {}, name);
      said.set(name, await textOf(page, '#notice'));
      await page.screenshot({ path: join(SHOTS, `page-bad-${name}.png`) as `${string}.png` });
    }
    expect(said.get('photo.png')).to.match(/not an ONNX file: it is a picture/);
    expect(said.get('half.onnx')).to.match(/not an ONNX file, or a damaged one/);
    expect(said.get('huge.onnx')).to.match(/the model has 3000000000 bytes/);
    await choose(page, '#model-file', MODELS.classifier);
    await waitForHeading(page, 'What was found');
    expect(await page.$eval('#notice', (it) => it.hasAttribute('hidden'))).to.equal(true);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('refuses a second run, cancels the first, and runs again', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    await choose(page, '#model-file', MODELS.classifier);
    await waitForHeading(page, 'What was found');
    await choose(page, '#swap-calibrate-files', lines);
    await page.click('#run');
    await waitForHeading(page, 'Swapping norms');
    await drop(page, '#outcome', MODELS.classifier);
    await page.waitForSelector('#notice:not([hidden])');
    expect(await textOf(page, '#notice')).to.match(/^A run is under way/);
    await page.evaluate(() =>
      [...document.querySelectorAll('button')].find((it) => it.textContent === 'Cancel')?.click(),
    );
    await waitForHeading(page, 'What was found');
    expect(await page.evaluate(() => document.activeElement?.id)).to.equal('run');
    await page.click('#run');
    await waitForHeading(page, 'is ready');
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('speaks of its own fields, not of options of the command line', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    const photo = scratch.write(
      'early.png',
      new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]),
    );
    await choose(page, '#model-file', photo);
    await page.waitForSelector('#notice:not([hidden])');
    expect(await textOf(page, '#notice')).to.match(/drop pictures when a model is open\.$/);
    await choose(page, '#model-file', MODELS.classifier);
    await waitForHeading(page, 'What was found');
    await page.click('#run');
    await waitForHeading(page, 'is ready');
    expect(await textOf(page, '#outcome')).to.include('Measure it with: Swap › Calibration data');
    await page.click('label[for=choose-finetune]');
    await page.waitForSelector('#task-finetune');
    expect(await textOf(page, '#finetune-task-hint')).to.match(/^What to learn: .* boxes, numbers; default/);
    await page.click('#run');
    await waitForHeading(page, 'It did not work');
    expect(await textOf(page, '#outcome')).to.include('Choose a folder under Labelled data; docs/data.md shows');
    const link = await page.$eval('#outcome a', (it) => [it.href, it.target]);
    expect(link).to.deep.equal([
      await page.$eval('header nav a', (it) => it.href.replace('web.md', 'data.md')),
      '_blank',
    ]);
    await page.$$eval('details', (all) => {
      for (const it of all) it.open = true;
    });
    // What is code is of the command line, and meant to be.
    const left = await page.evaluate(() => {
      for (const it of document.querySelectorAll('code, pre')) it.remove();
      return document.querySelector('main')?.textContent.match(/.{0,40}--[a-z].*/g);
    });
    expect(left).to.equal(null);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('says so if there are no files in a folder that is dropped', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    mkdirSync(scratch.path('nothing'), { recursive: true });
    await drop(page, '#model-drop', scratch.path('nothing'));
    await page.waitForSelector('#notice:not([hidden])');
    expect(await textOf(page, '#notice')).to.equal('No files were found in it.');
    await choose(page, '#model-file', MODELS.classifier);
    await waitForHeading(page, 'What was found');
    await choose(page, '#swap-calibrate-files', lines);
    await drop(page, '#swap-calibrate-hint', scratch.path('nothing'));
    await page.waitForFunction(() => /^No/.test(document.querySelector('#swap-calibrate-picked')?.textContent ?? ''));
    expect(await textOf(page, '#swap-calibrate-picked')).to.match(/^No files .*\. Still chosen: lines\.npz, /);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('says which option is wrong, at its field, and leads there', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    await choose(page, '#model-file', MODELS.classifier);
    await waitForHeading(page, 'What was found');
    await page.type('#swap-groups', 'x');
    await page.click('#run');
    await waitForHeading(page, 'It did not work');
    expect(await focused(page)).to.equal('It did not work');
    expect(await page.$eval('#swap-groups', (it) => it.getAttribute('aria-invalid'))).to.equal('true');
    expect(await textOf(page, '#swap-groups-error')).to.match(/Use a positive whole number/);
    await tabTo(page, '#outcome button');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).to.equal('swap-groups');
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('shows names of a model as text, whatever they hold', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    await choose(page, '#model-file', hostileModel(scratch));
    await waitForHeading(page, 'What was found');
    await page.click('#run');
    await waitForHeading(page, 'is ready');
    expect(await page.$$('main img, main b > i, main script')).to.deep.equal([]);
    expect(await textOf(page, '#section-sites')).to.include('<img src=x onerror=alert(1)>');
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('checks a swapped file against its source, and finds one that is damaged', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    const source = scratch.fixture('rank-4');
    const { model } = await swap(readFileSync(source), { verify: false });
    await choose(page, '#model-file', scratch.write('swapped.onnx', model));
    await waitForHeading(page, 'What was found');
    await page.click('label[for=choose-check]');
    await waitForHeading(page, 'The model');
    await choose(page, '#check-against-files', source);
    await page.click('#run');
    await waitForHeading(page, 'The check passed');
    expect(await textOf(page, '#outcome .verdict')).to.match(/^Valid: 1 norm/);
    await choose(page, '#check-against-files', MODELS.classifier);
    await page.click('#run');
    await waitForHeading(page, 'The check failed');
    expect(await page.$$eval('#outcome tr.bad', (rows) => rows.length)).to.be.greaterThan(0);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('trains a model on labelled samples, and offers the trained file', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    writeTraining(scratch);
    const downloaded = await downloadsInto(page, scratch.path('trained'));
    await choose(page, '#model-file', scratch.path('model.onnx'));
    await page.waitForSelector('#outcome h2');
    await page.click('label[for=choose-finetune]');
    await choose(page, '#finetune-data-files', scratch.path('data.npz'));
    await page.select('#finetune-task', 'classify');
    await page.type('#finetune-epochs', '3');
    await page.click('#run');
    await waitForHeading(page, 'model.ft.onnx is ready');
    expect(await textOf(page, '#outcome .verdict')).to.match(/accuracy/);
    await page.click('#outcome .primary');
    const trained = readModel(readFileSync(await downloaded('model.ft.onnx')));
    const before = readModel(readFileSync(scratch.path('model.onnx')));
    expect(trained.proto.graph.node.map(({ opType }) => opType)).to.deep.equal(
      before.proto.graph.node.map(({ opType }) => opType),
    );
    expect(writeModel(trained)).to.not.deep.equal(writeModel(before));
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('trains on a folder of pictures for each class that is dropped', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    writeTraining(scratch);
    for (const [index, name] of ['bright', 'dark', 'middle'].entries()) {
      mkdirSync(scratch.path('classes', name), { recursive: true });
      for (let picture = 0; picture < 6; picture++) {
        const value = [220, 30, 120][index] as number;
        const background = { r: value + picture, g: value, b: value - picture };
        await sharp({ create: { width: 8, height: 8, channels: 3, background } })
          .png()
          .toFile(scratch.path('classes', name, `${picture}.png`));
      }
    }
    await choose(page, '#model-file', scratch.path('model.onnx'));
    await waitForHeading(page, 'What was found');
    await page.click('label[for=choose-finetune]');
    await waitForHeading(page, 'The model');
    await drop(page, '#outcome', scratch.path('classes'));
    await page.waitForFunction(() =>
      /^18 files/.test(document.querySelector('#finetune-data-picked')?.textContent ?? ''),
    );
    expect(await page.$eval('#finetune-preset', (it) => it.checkVisibility())).to.equal(true);
    await page.type('#finetune-epochs', '3');
    await page.type('#finetune-lr', '0.01');
    await page.click('#run');
    await page.waitForFunction(() => /file|ready|work/.test(document.querySelector('#outcome h2')?.textContent ?? ''));
    expect(await textOf(page, '#outcome .verdict')).to.match(/accuracy .* on 4 held-out samples/);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('trains a detector on pictures with boxes that are dropped, as YOLO lays them out', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    scratch.write('detector.onnx', writeModel(yolov8(2)));
    for (const folder of ['images', 'labels']) mkdirSync(scratch.path('boxes', folder), { recursive: true });
    scratch.write(join('boxes', 'data.yaml'), 'names: [bright, dark]\n');
    for (let picture = 0; picture < 10; picture++) {
      const label = picture % 2;
      const square = {
        create: { width: 24, height: 24, channels: 3, background: label === 0 ? 'white' : 'black' },
      } as const;
      await sharp({ create: { width: 64, height: 64, channels: 3, background: 'grey' } })
        .composite([{ input: await sharp(square).png().toBuffer(), left: 2 * picture, top: 10 }])
        .png()
        .toFile(scratch.path('boxes', 'images', `${picture}.png`));
      scratch.write(
        join('boxes', 'labels', `${picture}.txt`),
        `${label} ${(2 * picture + 12) / 64} ${22 / 64} 0.375 0.375\n`,
      );
    }
    await choose(page, '#model-file', scratch.path('detector.onnx'));
    await waitForHeading(page, 'What was found');
    await page.click('label[for=choose-finetune]');
    await waitForHeading(page, 'The model');
    await drop(page, '#outcome', scratch.path('boxes'));
    await page.waitForFunction(() =>
      /^21 files/.test(document.querySelector('#finetune-data-picked')?.textContent ?? ''),
    );
    await page.type('#finetune-epochs', '2');
    await page.type('#finetune-lr', '0.01');
    await page.click('#run');
    await page.waitForFunction(() => /file|ready|work/.test(document.querySelector('#outcome h2')?.textContent ?? ''));
    expect(await textOf(page, '#outcome .verdict')).to.match(/AP50 .* on 2 held-out samples/);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('asks for weights that are in other files, and goes on once they are dropped', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    const model = scratch.fixture('external-two-files');
    await choose(page, '#model-file', model);
    await page.waitForFunction(() =>
      document.querySelector('#notice')?.textContent?.startsWith('The weights of this model'),
    );
    const named = (await textOf(page, '#notice')).split(': ')[1]?.replace(/\.$/, '').split(', ') ?? [];
    expect(named).to.have.length(2);
    await drop(page, '#outcome', ...named.map((name) => scratch.path(name)));
    await page.waitForSelector('#notice[hidden]');
    await waitForHeading(page, 'What was found');
    await page.click('#run');
    await waitForHeading(page, 'is ready');
    expect(complaints).to.deep.equal([]);
    await close();
  });

  it('ends training when it is told to, and keeps the best so far', async () => {
    const { page, complaints, close } = await openPage(browser, server.url);
    writeTraining(scratch);
    await choose(page, '#model-file', scratch.path('model.onnx'));
    await page.waitForSelector('#outcome h2');
    await page.click('label[for=choose-finetune]');
    await choose(page, '#finetune-data-files', scratch.path('data.npz'));
    await page.select('#finetune-task', 'classify');
    await page.type('#finetune-epochs', '500');
    await page.click('#run');
    await page.waitForFunction(() => /loss/.test(document.querySelector('.steps')?.textContent ?? ''));
    await page.evaluate(() =>
      [...document.querySelectorAll('button')].find((it) => it.textContent === 'Stop and keep the best')?.click(),
    );
    await page.waitForFunction(() => /file|ready/.test(document.querySelector('#outcome h2')?.textContent ?? ''));
    expect(complaints).to.deep.equal([]);
    await close();
  });

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      it(`gives axe nothing to object to, and fits, ${width} pixels wide, ${scheme}`, async () => {
        const { page, complaints, close } = await openPage(browser, server.url, { width, scheme });
        const found: [string, unknown][] = [];
        const look = async (name: string) => {
          await page.screenshot({
            path: join(SHOTS, `page-${name}-${width}-${scheme}.png`) as `${string}.png`,
            fullPage: true,
          });
          const scroll = await page.evaluate(() => document.documentElement.scrollWidth);
          for (const it of [...(await objections(page)), ...(scroll > width ? ['it is too wide'] : [])])
            found.push([name, it]);
        };
        await look('start');
        await choose(page, '#model-file', MODELS.classifier);
        await waitForHeading(page, 'What was found');
        await look('found');
        await choose(page, '#swap-calibrate-files', lines);
        await page.click('#run');
        await waitForHeading(page, 'Swapping norms');
        await look('running');
        await waitForHeading(page, 'is ready');
        await page.$$eval('details', (all) => {
          for (const it of all) it.open = true;
        });
        await look('finished');
        await page.type('#swap-groups', 'x');
        await page.click('#run');
        await waitForHeading(page, 'It did not work');
        await look('error');
        for (const task of ['finetune', 'check']) {
          await page.click(`label[for=choose-${task}]`);
          await page.waitForSelector(`#task-${task}`);
          await look(task);
        }
        expect(found).to.deep.equal([]);
        expect(complaints).to.deep.equal([]);
        await close();
      });
    }
  }
});
