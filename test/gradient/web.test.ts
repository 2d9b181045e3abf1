import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import * as web from 'onnxruntime-web';
import { renderLines } from '../../bench/ocr/lines.ts';
import { MODELS } from '../../bench/ocr/models.ts';
import { renderPages } from '../../bench/ocr/pages.ts';
import { type GradientModel, type GradientOptions, gradientOf } from '../../src/gradient/index.ts';
import { generateInputs } from '../../src/inputs/generated.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { numbersOf, type Value, type Values } from '../../src/runtime/session.ts';
import { runModel, valueNamed } from '../support/session.ts';

/** A gradient whose largest entry is below this share of the largest of all is the rounding of a sum that is 0. */
const NOISE = 1e-6;

async function inBrowserRuntime({ model }: GradientModel, feeds: Values): Promise<Map<string, ArrayLike<number>>> {
  web.env.wasm.numThreads = 1;
  const session = await web.InferenceSession.create(writeModel(model), { executionProviders: ['wasm'] });
  const inputs = Object.entries(feeds).map(([name, { type, dims, data }]) => {
    const tensor =
      type === DataType.INT64
        ? new web.Tensor('int64', BigInt64Array.from(data as ArrayLike<bigint>), dims)
        : new web.Tensor('float32', Float32Array.from(data as ArrayLike<number>), dims);
    return [name, tensor];
  });
  const results = await session.run(Object.fromEntries(inputs));
  await session.release();
  return new Map(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

/** The largest difference between both runtimes, relative to the largest number of that gradient. */
async function gap(file: string, x: Value, options: GradientOptions): Promise<number> {
  const gradient = await gradientOf(readModel(readFileSync(file)), { ...options, sizes: { x: x.dims } });
  const first = await runModel(gradient.init, {});
  const feeds: Values = { ...generateInputs(gradient.model, 1, 1, 1), ...first, x };
  const own = await runModel(gradient.model, feeds);
  const other = await inBrowserRuntime(gradient, feeds);
  const names = [...gradient.gradients.values()];
  const numbers = (name: string) => Float64Array.from(numbersOf(valueNamed(own, name)) ?? []);
  const size = (values: Float64Array) => values.reduce((most, it) => Math.max(most, Math.abs(it)), 0);
  const largest = Math.max(...names.map((name) => size(numbers(name))));
  expect(names).not.to.have.length(0);
  let most = 0;
  for (const name of names) {
    const [a, b] = [numbers(name), other.get(name) ?? []];
    const scale = size(a);
    expect(b.length).to.equal(a.length);
    if (scale < NOISE * largest) continue;
    for (const [index, value] of a.entries()) most = Math.max(most, Math.abs(value - (b[index] as number)) / scale);
  }
  return most;
}

describe('gradient in onnxruntime-web', function () {
  this.timeout(120_000);
  it('agrees with onnxruntime-node on the text classifier, with a loss and an optimizer', async () => {
    const lines = await renderLines({ count: 2, seed: 3 });
    const x = { type: DataType.FLOAT, dims: lines.dims, data: lines.data };
    expect(await gap(MODELS.classifier, x, { loss: 'cross-entropy', optimizer: 'adamw' })).to.be.within(1e-9, 1e-4);
  });

  it('agrees with onnxruntime-node on the text detector', async () => {
    const pages = await renderPages({ count: 1, seed: 3, size: 96 });
    const x = { type: DataType.FLOAT, dims: pages.dims, data: pages.data };
    expect(await gap(MODELS.detector, x, { loss: 'bce' })).to.be.within(1e-9, 1e-4);
  });
});
