/**
 * What a training step costs: `npx tsx bench/gradient.ts MODEL LOSS INPUT=1x3x48x192 [STEPS]`.
 *
 * Prints the time to build the gradient model, and the CPU time of a step (forward, backward, AdamW; all parameters as one vector) and
 * of the model's own inference, on one thread, the lower quartile of all steps.
 */
import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { gradientOf } from '../src/gradient/index.ts';
import type { LossName } from '../src/gradient/losses.ts';
import { generateInputs } from '../src/inputs/generated.ts';
import { readModel, writeModel } from '../src/onnx/model.ts';

const [file = '', loss = 'mse', size = '', count = '40'] = process.argv.slice(2);
const [name = '', dims = ''] = size.split('=');
const settings = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 } as const;

const bytes = new Uint8Array(readFileSync(file));
const started = performance.now();
const { model, init } = await gradientOf(readModel(bytes), {
  loss: loss as LossName,
  optimizer: 'adamw',
  flat: true,
  sizes: { [name]: dims.split('x').map(Number) },
});
console.log(`built in ${(performance.now() - started).toFixed(0)} ms, ${model.proto.graph.node.length} nodes`);

const first = await (await ort.InferenceSession.create(writeModel(init), settings)).run({});
const session = await ort.InferenceSession.create(writeModel(model), settings);
const feeds: Record<string, ort.Tensor> = {};
for (const [input, value] of Object.entries(generateInputs(model, 1, 1, 1))) {
  const type = value.data instanceof BigInt64Array ? 'int64' : 'float32';
  feeds[input] = new ort.Tensor(type, value.data as Float32Array & BigInt64Array, value.dims);
}
Object.assign(feeds, first, { lr: new ort.Tensor('float32', Float32Array.of(1e-4), []) });
const outputs = session.outputNames.filter((it) => it === 'loss' || it.startsWith('next/'));

const step = await quartile(async (index) => {
  feeds.step = new ort.Tensor('int64', BigInt64Array.of(BigInt(index + 1)), []);
  const results = await session.run(feeds, outputs);
  for (const [output, value] of Object.entries(results)) {
    if (output.startsWith('next/')) feeds[output.slice('next/'.length)] = value;
  }
});
const own = await ort.InferenceSession.create(bytes, settings);
const inputs = Object.fromEntries(own.inputNames.map((it) => [it, feeds[it] as ort.Tensor]));
const inference = await quartile(async () => {
  await own.run(inputs);
});
console.log(`step ${step.toFixed(2)} ms, inference ${inference.toFixed(2)} ms, ${(step / inference).toFixed(1)} times`);

/** CPU milliseconds. */
async function quartile(work: (index: number) => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < Number(count); index++) {
    const before = process.cpuUsage();
    await work(index);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 4)] as number;
}
