/** Training with WebGPU in Chromium, whose SwiftShader computes it without a graphics card. */
import { expect } from 'chai';
import type { Browser, Page } from 'puppeteer-core';
import { readModel } from '../../src/onnx/model.ts';
import { valuesOf } from '../../src/onnx/tensor.ts';
import { writeTraining } from '../support/finetune.ts';
import { Scratch } from '../support/scratch.ts';
import { type Ran, WebPage } from '../support/web-page.ts';
import { openBrowser } from './chromium.ts';

const SOFTWARE = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan,WebGPU'];

describe('the Worker of the page, with WebGPU', function () {
  this.timeout(170_000);
  const scratch = new Scratch();
  let browser: Browser | undefined;
  let web: WebPage;

  before(async function () {
    browser = await openBrowser(SOFTWARE);
    if (browser === undefined) return this.skip();
    writeTraining(scratch, 12);
    web = await WebPage.build(scratch);
  });
  after(async () => {
    await browser?.close();
    web?.close();
    scratch.remove();
  });

  const trained = (page: Page, device: string): Promise<Ran> =>
    web.run(page, 'finetune', {
      model: scratch.path('model.onnx'),
      data: { 'data.npz': scratch.path('data.npz') },
      options: { task: 'classify', epochs: '2', lr: '0.01', device },
    });

  it('trains to the weights that the CPU trains to, after it has compared the first step', async () => {
    const page = await web.open(browser as Browser);
    const [gpu, cpu] = [await trained(page, 'webgpu'), await trained(page, 'cpu')];
    expect(gpu.text).to.match(/first step on webgpu has the CPU's gradient within \d(\.\d)?e-[5-9]/);
    expect(cpu.text).not.to.include('webgpu');
    const [a, b] = [gpu, cpu].map(({ output }) => readModel(output?.bytes as Uint8Array).proto.graph.initializer);
    expect(a?.length).to.equal(b?.length);
    // AdamW divides by the size of a gradient, so rounding of small ones moves a weight by up to the rate in a step: 18 steps of 0.01 at most.
    for (const [index, tensor] of (a ?? []).entries()) {
      const other = valuesOf((b ?? [])[index] as typeof tensor);
      for (const [at, value] of valuesOf(tensor).entries()) {
        expect(value).to.be.closeTo(other[at] as number, 2e-3, tensor.name);
      }
    }
    await page.close();
  });
});
