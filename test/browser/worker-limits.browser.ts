/** What the Worker of the page does with models that are large, and how it trains. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Browser, Page } from 'puppeteer-core';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { cli } from '../support/cli.ts';
import { Scratch } from '../support/scratch.ts';
import { classifier, pictures } from '../support/training.ts';
import { WebPage } from '../support/web-page.ts';
import { openBrowser } from './chromium.ts';

const LARGE = 400e6;

describe('the Worker of the page, in Chromium, with what is large or long', function () {
  this.timeout(170_000);
  const scratch = new Scratch();
  let browser: Browser | undefined;
  let web: WebPage;
  let page: Page;

  before(async function () {
    browser = await openBrowser();
    if (browser === undefined) return this.skip();
    web = await WebPage.build(scratch);
    page = await web.open(browser);
  });
  after(async () => {
    await browser?.close();
    web?.close();
    scratch.remove();
  });

  it('rewrites 400 MB without reading its weights, to the bytes of the command line', async () => {
    const small = readModel(readFileSync(scratch.fixture('opset-17')));
    const weight = makeTensor('large', DataType.FLOAT, [LARGE / 4], new Float32Array(LARGE / 4).fill(0.5));
    const { graph } = small.proto;
    const model = scratch.path('large.onnx');
    writeFileSync(model, writeModel(withGraph(small, { ...graph, initializer: [weight, ...graph.initializer] })));
    const counted = await page.evaluate(`(async () => {
      const code = \`import '\${new URL('worker.js', location.href)}';
        const own = FileReaderSync.prototype.readAsArrayBuffer;
        let read = 0;
        FileReaderSync.prototype.readAsArrayBuffer = function (blob) {
          read += blob.size;
          new BroadcastChannel('read').postMessage(read);
          return own.call(this, blob);
        };\`;
      let read = 0;
      const channel = new BroadcastChannel('read');
      channel.onmessage = ({ data }) => (read = data);
      const start = () => new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
      const model = await new gn.Client(start).open(await gn.load(${JSON.stringify(`/disk${model}`)}));
      const { status, output, text } = await model.run('swap', { 'no-verify': true });
      if (output === undefined) return text;
      const response = await fetch('/put', { method: 'POST', body: output.blob });
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { status, read, size: output.blob.size, put: response.ok };
    })()`);
    expect(counted).to.include({ status: 'ok', put: true });
    const { read, size } = counted as { read: number; size: number };
    expect(size).to.be.greaterThan(LARGE);
    expect(read).to.be.within(1, 12e6);
    const own = scratch.path('large.gn.onnx');
    const { status, stderr } = await cli([model, '--no-verify', '-o', own]);
    expect(status, stderr).to.equal(0);
    expect(Buffer.compare(readFileSync(own), readFileSync(scratch.path('out/put')))).to.equal(0);
  });

  it('refuses to run what WebAssembly cannot hold, with figures, and goes on working', async () => {
    const name = 'external-one-file';
    const model = scratch.fixture(name);
    const problem = await page.evaluate(`(async () => {
      const megabyte = new Blob([new Uint8Array(1e6)]);
      const data = new File(Array(1600).fill(megabyte), '${name}.onnx.data');
      const file = await gn.load(${JSON.stringify(`/disk${model}`)});
      const handle = await gn.client().open(file, [{ path: data.name, file: data }]);
      return (await handle.run('swap')).problem;
    })()`);
    expect(problem).to.include({
      code: 'unsupported-model',
      message: 'it takes 1.6 GB to run, and WebAssembly can run 1.5 GB',
      remedy: 'Use the command line for it, or choose not to verify',
    });
    expect(await web.run(page, 'inspect', { model: scratch.fixture('opset-17') })).to.include({ status: 'ok' });
  });

  it('trains on labelled samples as the command line does', async () => {
    const { inputs, labels } = pictures(30, 1);
    const target = { type: DataType.INT64, dims: [30], data: BigInt64Array.from(labels, BigInt) };
    const data = scratch.write(
      'data.npz',
      writeNpz(
        new Map([
          ['x', inputs],
          ['target', target],
        ]),
      ),
    );
    const model = scratch.write('net.onnx', writeModel(classifier()));
    const options = { task: 'classify', epochs: '2', lr: '0.03', seed: '1' };
    const ran = await web.run(page, 'finetune', { model, options, data: { 'data.npz': data } });
    expect(ran.status, ran.text).to.equal('ok');
    expect(ran.steps).to.include('epoch 2');
    expect(ran.output?.name).to.equal('net.ft.onnx');
    const words = ['--task', 'classify', '--epochs', '2', '--lr', '0.03', '--seed', '1'];
    const own = await cli(['finetune', model, '--data', data, ...words, '--json', '-o', scratch.path('own.onnx')]);
    const history = (text: string) =>
      JSON.parse(text).results[0].finetune.history.map(({ loss }: { loss: number }) => loss) as number[];
    const [here, there] = [history(ran.json), history(own.stdout)];
    expect(here).to.have.length(3);
    // Float32 sums in another order, over 48 steps.
    for (const [epoch, loss] of here.entries()) expect(loss).to.be.closeTo(there[epoch] ?? Number.NaN, 1e-4);
  });

  it('ends training when told to, and keeps the best so far', async () => {
    const asked = JSON.stringify({
      model: `/disk${scratch.path('net.onnx')}`,
      options: { task: 'classify', epochs: '500', lr: '0.03', patience: '500' },
      data: { 'data.npz': `/disk${scratch.path('data.npz')}` },
    });
    const ended = await page.evaluate(`(async () => {
      const finish = new AbortController();
      const result = await gn.run('finetune', ${asked}, {
        finish: finish.signal,
        onProgress: ({ step }) => step === 'epoch 3' && finish.abort(),
      });
      return JSON.parse(result.json).results[0].finetune;
    })()`);
    const { stopped, history } = ended as { stopped: string; history: unknown[] };
    expect(stopped).to.equal('interrupted');
    expect(history.length).to.be.within(3, 400);
  });
});
