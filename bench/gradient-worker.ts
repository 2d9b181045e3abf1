/**
 * Runs a model again and again for bench/gradient.ts: each line that comes in is a number of steps, what goes out is a JSON line with
 * their CPU and wall times in ms. Outputs `next/…` are fed back. `node --import tsx bench/gradient-worker.ts MODEL INIT THREADS`
 */
import { createInterface } from 'node:readline';
import * as ort from 'onnxruntime-node';

const [, , file = '', init = '', threads = '1'] = process.argv;
const settings = { intraOpNumThreads: Number(threads), interOpNumThreads: 1, logSeverityLevel: 4 } as const;
const before = process.memoryUsage.rss();
const session = await ort.InferenceSession.create(file, settings);
const first = init === '' ? {} : await (await ort.InferenceSession.create(init, settings)).run({});
const feeds: Record<string, ort.Tensor> = {};
for (const info of session.inputMetadata) {
  if (!info.isTensor || first[info.name] !== undefined) continue;
  const dims = info.shape.map(Number);
  const count = dims.reduce((product, dim) => product * dim, 1);
  feeds[info.name] =
    info.type === 'int64'
      ? new ort.Tensor('int64', new BigInt64Array(count), dims)
      : new ort.Tensor(
          'float32',
          Float32Array.from({ length: count }, (_, at) => Math.sin(at)),
          dims,
        );
}
Object.assign(feeds, first);
if (feeds.lr !== undefined) feeds.lr = new ort.Tensor('float32', Float32Array.of(1e-4), []);
const isTraining = session.outputNames.includes('loss');
const wanted = isTraining
  ? session.outputNames.filter((it) => it === 'loss' || it.startsWith('next/'))
  : session.outputNames;

let count = 0;
console.log('{"ready":true}');
for await (const line of createInterface({ input: process.stdin })) {
  const [cpu, wall]: [number[], number[]] = [[], []];
  for (let index = 0; index < Number(line); index++) {
    count++;
    if (feeds.step !== undefined) feeds.step = new ort.Tensor('int64', BigInt64Array.of(BigInt(count)), []);
    const [at, used] = [performance.now(), process.cpuUsage()];
    const results = await session.run(feeds, wanted);
    for (const [name, value] of Object.entries(results)) if (name.startsWith('next/')) feeds[name.slice(5)] = value;
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1000);
    wall.push(performance.now() - at);
  }
  const grown = process.resourceUsage().maxRSS / 1024 - before / 2 ** 20;
  console.log(JSON.stringify({ cpu, wall, grown }));
}
