/**
 * Takes training steps as `gn-swap finetune` does, for bench/gradient.ts: the gradient in ONNX Runtime, AdamW in place outside of it. Each
 * line that comes in is a number of steps, what goes out is a JSON line with their CPU and wall times in ms.
 * `node --import tsx bench/gradient-trainer.ts MODEL LOSS INPUT=1x3x48x192 THREADS`
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { gradientOf } from '../src/gradient/index.ts';
import type { LossName } from '../src/gradient/losses.ts';
import type { Example } from '../src/inputs/labelled/types.ts';
import { DataType } from '../src/onnx/data-type.ts';
import { readModel } from '../src/onnx/model.ts';
import { declaredType } from '../src/onnx/value-type.ts';
import { limitThreads } from '../src/runtime/threads.ts';
import { Trainer } from '../src/train/trainer.ts';

const [, , file = '', loss = '', size = '', threads = '1'] = process.argv;
limitThreads(Number(threads));
const before = process.memoryUsage.rss();
const model = readModel(new Uint8Array(readFileSync(file)));
const [name = '', text = ''] = size.split('=');
const [batch = 1, ...rest] = text.split('x').map(Number);
const count = rest.reduce((product, dim) => product * dim, 1);
const examples: Example[] = Array.from({ length: batch }, (_, sample) => {
  const data = Float32Array.from({ length: count }, (_, at) => Math.sin(sample * count + at));
  return {
    inputs: { [name]: { type: DataType.FLOAT, dims: [1, ...rest], data } },
    target: { kind: 'class', label: 0 },
  };
});

const output = model.proto.graph.output[0]?.name ?? '';
const { model: made, targets } = await gradientOf(model, {
  loss: loss as LossName,
  sizes: { [name]: [batch, ...rest] },
});
const { elemType, shape } = declaredType(made.proto.graph.input.find((it) => it.name === targets[0])?.type);
const dims = (shape ?? []).map(Number);
const wanted = dims.reduce((product, dim) => product * dim, 1);
const target =
  elemType === DataType.INT64
    ? { type: DataType.INT64, dims, data: new BigInt64Array(wanted) }
    : { type: DataType.FLOAT, dims, data: new Float32Array(wanted) };
const terms = [{ output, loss: loss as LossName, weight: 1 }];
const trainer = await Trainer.open(model, { kind: 'graph', terms, targets: () => [target] }, examples[0] as Example);

console.log('{"ready":true}');
for await (const line of createInterface({ input: process.stdin })) {
  const [cpu, wall]: [number[], number[]] = [[], []];
  for (let index = 0; index < Number(line); index++) {
    const [at, used] = [performance.now(), process.cpuUsage()];
    await trainer.step([examples], 1e-4);
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1000);
    wall.push(performance.now() - at);
  }
  const grown = process.resourceUsage().maxRSS / 1024 - before / 2 ** 20;
  console.log(JSON.stringify({ cpu, wall, grown }));
}
