/** The Worker of the page in Chromium, on real models, against the command line on the same files. */
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser, Page } from 'puppeteer-core';
import { MODELS } from '../../bench/ocr/models.ts';
import { renderPages } from '../../bench/ocr/pages.ts';
import { writeLines } from '../../bench/ocr/pictures.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType, isFloat } from '../../src/onnx/data-type.ts';
import { toBytes } from '../../src/onnx/encode.ts';
import { encodeModel, readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';
import { cli } from '../support/cli.ts';
import { Scratch } from '../support/scratch.ts';
import { type Asked, type Dropped, type Ran, WebPage } from '../support/web-page.ts';
import { openBrowser } from './chromium.ts';

/**
 * What two runtimes may differ by in γ and β: sums of float32 in another order, solved for, each site behind those before it. In the text
 * detector's last sites the same formula written in two ways differs by 1.1e-5, and one other pixel makes 9e-3.
 */
const NEAR = 3e-5;

/** Largest difference of a number, against the largest of its tensor or 1; the models are otherwise the same. */
function gap(one: Uint8Array, other: Uint8Array): number {
  const [a, b] = [readModel(one), readModel(other)];
  const [left, right] = [a, b].map(({ proto }) => proto.graph.initializer);
  const plain = (model: typeof a) => ({
    ...model,
    proto: {
      ...model.proto,
      metadataProps: [],
      graph: { ...model.proto.graph, initializer: model.proto.graph.initializer.filter((it) => !isFloat(it.dataType)) },
    },
  });
  const bytes = (model: typeof a) => Buffer.from(toBytes(encodeModel(plain(model)))).toString('base64');
  expect(bytes(a) === bytes(b), 'the graphs are the same').to.equal(true);
  expect(left?.map(({ name }) => name)).to.deep.equal(right?.map(({ name }) => name));
  let most = 0;
  for (const [index, tensor] of (left ?? []).entries()) {
    const twin = right?.[index];
    if (!isFloat(tensor.dataType) || twin === undefined) continue;
    const [x, y] = [valuesOf(tensor), valuesOf(twin)];
    const size = x.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    for (let i = 0; i < x.length; i++) most = Math.max(most, Math.abs((x[i] as number) - (y[i] as number)) / size);
  }
  return most;
}

describe('the Worker of the page, in Chromium', function () {
  this.timeout(170_000);
  const scratch = new Scratch();
  const complaints: string[] = [];
  let browser: Browser | undefined;
  let web: WebPage;
  let page: Page;
  let lines: Dropped;

  before(async function () {
    browser = await openBrowser();
    if (browser === undefined) return this.skip();
    mkdirSync(scratch.path('lines'));
    await writeLines(scratch.path('lines'), 16, 1);
    const names = readdirSync(scratch.path('lines'));
    lines = Object.fromEntries(names.map((name) => [`lines/${name}`, scratch.path('lines', name)]));
    web = await WebPage.build(scratch);
    page = await web.open(browser, complaints);
  });
  after(async () => {
    await browser?.close();
    web?.close();
    scratch.remove();
  });
  afterEach(() => {
    expect(complaints.filter((it) => !it.includes('404'))).to.deep.equal([]);
  });

  /** Saves what a run made, and checks it against its source in Node. */
  async function checked({ output, text, problem }: Ran, source: string): Promise<Uint8Array> {
    if (output === undefined) return expect.fail(problem?.message ?? text);
    const file = scratch.write('web.onnx', output.bytes);
    const { status, stdout, stderr } = await cli(['check', file, '--against', source]);
    expect(status, stdout + stderr).to.equal(0);
    return output.bytes;
  }

  async function fromCommandLine(args: readonly string[]): Promise<Uint8Array> {
    const target = scratch.path('node.onnx');
    const { status, stderr } = await cli([...args, '-o', target, '--force']);
    expect(status, stderr).to.equal(0);
    return readFileSync(target);
  }

  it('shows of a model what inspect shows', async () => {
    const ran = await web.run(page, 'inspect', { model: MODELS.classifier });
    const { stdout } = await cli(['inspect', MODELS.classifier]);
    expect(ran.status).to.equal('ok');
    const sites = (text: string) => text.split('\n').filter((line) => line.includes('BatchNormalization'));
    expect(sites(ran.text)).to.have.length(35);
    expect(sites(ran.text)).to.deep.equal(sites(stdout));
    expect(ran.sections.map(({ name }) => name)).to.include('sites');
    expect(JSON.parse(ran.json).results[0].sites).to.have.length(35);
  });

  it('swaps and calibrates the text classifier as the command line does, and proves it', async () => {
    const options = { mean: '0.5', std: '0.5', 'channel-order': 'bgr' };
    const ran = await web.run(page, 'swap', { model: MODELS.classifier, options, calibrate: lines });
    expect(ran.status, ran.text).to.equal('ok');
    expect(ran.verdict.map(({ tone }) => tone)[0]).to.equal('good');
    expect(ran.output?.name).to.equal('ch_ppocr_mobile_v2.0_cls_infer.gn.onnx');
    expect(ran.command).to.equal(
      'gn-swap ch_ppocr_mobile_v2.0_cls_infer.onnx --mean 0.5 --std 0.5 --channel-order bgr --calibrate DIR',
    );
    const bytes = await checked(ran, MODELS.classifier);
    const words = ['--mean', '0.5', '--std', '0.5', '--channel-order', 'bgr'];
    const own = await fromCommandLine([MODELS.classifier, '--calibrate', scratch.path('lines'), ...words]);
    expect(gap(bytes, own)).to.be.below(NEAR);
  });

  it('tells that a file of a newer IR version was run as an older one', async () => {
    const model = readModel(readFileSync(MODELS.classifier));
    const newer = scratch.write('newer.onnx', writeModel(withGraph(model, model.proto.graph, { irVersion: 99 })));
    const ran = await web.run(page, 'swap', { model: newer });
    expect(ran.status, ran.text).to.equal('ok');
    const remarks = ran.sections.find(({ name }) => name === 'remarks');
    expect(JSON.stringify(remarks)).to.include('IR version 99 is newer than ONNX Runtime reads here');
    expect(readModel(ran.output?.bytes ?? new Uint8Array()).proto.irVersion).to.equal(99);
  });

  it('renders the HTML report on it', async () => {
    const html = (await page.evaluate('gn.client().report(gn.last)')) as string;
    expect(html)
      .to.match(/^<!doctype html>/i)
      .and.include('<svg')
      .and.include('--calibrate DIR');
  });

  it('writes the very bytes of the command line if nothing is solved from data, external data included', async () => {
    for (const name of ['external-one-file', 'external-two-files']) {
      const model = scratch.fixture(name);
      const data = readdirSync(scratch.folder).filter((file) => file.startsWith(name) && file !== `${name}.onnx`);
      const external = Object.fromEntries(data.map((file) => [file, scratch.path(file)]));
      const ran = await web.run(page, 'swap', { model, external });
      expect(ran.status, ran.text).to.equal('ok');
      const bytes = await checked(ran, model);
      const own = await fromCommandLine([model]);
      expect(Buffer.compare(bytes, own), name).to.equal(0);
      const alone = await web.run(page, 'swap', { model });
      expect(alone.problem).to.include({ code: 'unreadable' });
      expect(alone.problem?.remedy).to.equal('Drop the data files of the model together with it');
    }
  });

  it('swaps folded sites of the text detector, calibrated on arrays', async () => {
    const { data, dims } = await renderPages({ count: 3, seed: 5, size: 96 });
    const file = scratch.write('pages.npz', writeNpz(new Map([['x', { type: DataType.FLOAT, dims, data }]])));
    const options = { sites: 'all' };
    const ran = await web.run(page, 'swap', { model: MODELS.detector, options, calibrate: { 'pages.npz': file } });
    expect(ran.status, ran.text).to.equal('ok');
    const bytes = await checked(ran, MODELS.detector);
    const own = await fromCommandLine([MODELS.detector, '--sites', 'all', '--calibrate', file]);
    expect(JSON.parse(ran.json).results[0].sites.length).to.be.greaterThan(20);
    expect(gap(bytes, own)).to.be.below(NEAR);
  });

  it('checks a file against its source', async () => {
    renameSync(scratch.path('node.onnx'), scratch.path('swapped.onnx'));
    const asked: Asked = { model: scratch.path('swapped.onnx'), against: MODELS.detector };
    expect(await web.run(page, 'check', asked)).to.include({ status: 'ok' });
    const other = await web.run(page, 'check', { ...asked, against: MODELS.classifier });
    expect(other.status, other.text).to.equal('failed');
  });

  describe('given what it cannot use, says so and goes on working', () => {
    const still = async () => {
      const model = scratch.fixture('opset-17');
      expect(await web.run(page, 'inspect', { model })).to.include({ status: 'ok' });
    };

    it('a picture as a model', async () => {
      const [picture = ''] = Object.values(lines);
      const ran = await web.run(page, 'inspect', { model: picture }).catch((error: unknown) => String(error));
      expect(ran).to.match(/not an ONNX file/);
      await still();
    });

    it('half a model', async () => {
      const half = readFileSync(MODELS.classifier);
      const model = scratch.write('half.onnx', half.subarray(0, half.length / 2));
      const ran = await web.run(page, 'swap', { model }).catch((error: unknown) => String(error));
      expect(ran).to.match(/not an ONNX file, or a damaged one/);
      await still();
    });

    it('a file of 3 GB', async () => {
      const message = await page.evaluate(`(async () => {
        const megabyte = new Blob([new Uint8Array(1e6)]);
        const file = new File(Array(3000).fill(megabyte), 'large.onnx');
        return gn.client().open(file).then(() => 'opened', ({ problem }) => problem.message);
      })()`);
      expect(message).to.equal('the model has 3000000000 bytes in one file; the limit of the format is 2 GiB');
      await still();
    });

    it('an option that is wrong', async () => {
      const ran = await web.run(page, 'swap', { model: scratch.fixture('opset-17'), options: { groups: 'many' } });
      expect(ran.status).to.equal('error');
      expect(ran.problem).to.include({ code: 'invalid-arguments', message: '--groups is "many"' });
      await still();
    });
  });

  it('refuses a second run at once, and ends one that is cancelled', async () => {
    const said = await page.evaluate(`(async () => {
      const model = await gn.open({ model: ${JSON.stringify(`/disk${MODELS.classifier}`)} });
      const abort = new AbortController();
      const first = model.run('swap', {}, {}, { signal: abort.signal }).then(() => 'done', ({ name }) => name);
      const second = await model.run('inspect').then(() => 'done', ({ message }) => message);
      abort.abort();
      const again = await model.run('inspect').then(({ status }) => status);
      return [await first, second, again];
    })()`);
    expect(said).to.deep.equal(['AbortError', 'another run is under way', 'ok']);
  });

  it('outlives a tab that is closed in the middle of a run', async () => {
    if (browser === undefined) return;
    const other = await web.open(browser);
    const asked = JSON.stringify({ model: `/disk${MODELS.classifier}` });
    await other.evaluate(`void gn.run('swap', ${asked})`);
    await other.close();
    expect(await web.run(page, 'inspect', { model: MODELS.classifier })).to.include({ status: 'ok' });
  });

  it('works on one thread where the page may have no more', async () => {
    if (browser === undefined) return;
    const plain = await WebPage.build(scratch, false);
    try {
      const alone = await plain.open(browser, complaints);
      expect(await alone.evaluate('crossOriginIsolated')).to.equal(false);
      expect(await page.evaluate('crossOriginIsolated')).to.equal(true);
      const model = scratch.fixture('opset-17');
      const ran = await plain.run(alone, 'swap', { model });
      expect(ran.status, ran.text).to.equal('ok');
    } finally {
      plain.close();
    }
  });
});
