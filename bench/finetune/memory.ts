/**
 * Compares the memory that a training run takes with what was expected of it: `npm run build && npx tsx bench/finetune/memory.ts [FILE.onnx]`.
 *
 * Each run is the command line, in a process of its own; its peak is the largest resident set that the kernel saw. FILE, a model with one
 * input of fixed sizes, is its own teacher. The last run goes over its samples 100 times, and the peak of its first tenth stands beside that of all.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { SEEDS, TASKS } from '../../examples/finetune/tasks.ts';
import { Random } from '../../src/inputs/random.ts';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel } from '../../src/onnx/model.ts';
import { bytes } from '../../src/report/format.ts';
import { parseStatus } from '../performance/proc-status.ts';
import { labelled } from './data.ts';

const PROGRAM = new URL('../../bin/gn-swap.js', import.meta.url).pathname;
const folder = mkdtempSync(path.join(tmpdir(), 'gn-swap-memory-'));

interface Case {
  readonly name: string;
  readonly model: string;
  readonly task: string;
  readonly data: string;
}

/** Rendered lines or pages, as arrays in a file. */
async function rendered(name: string, count: number): Promise<Case> {
  const task = TASKS.find((it) => it.name === name);
  if (task === undefined) throw new Error(name);
  const { inputs, targets } = await task.render({ count, seed: SEEDS.train });
  const input = readModel(readFileSync(task.source)).proto.graph.input[0]?.name ?? '';
  const data = labelled(name, { inputs, targets }, input);
  const labels = Int32Array.from({ length: count });
  const [, , height = 0, width = 0] = targets.dims;
  const masks = new Int32Array(count * height * width);
  for (let sample = 0; sample < count; sample++) {
    const { target } = await data.load(sample);
    if (target.kind === 'class') labels[sample] = target.label;
    if (target.kind === 'map') masks.set(target.labels, sample * height * width);
  }
  const isClassifier = name === 'classifier';
  const own = isClassifier
    ? { type: DataType.INT32, dims: [count], data: labels }
    : { type: DataType.INT32, dims: [count, height, width], data: masks };
  const file = path.join(folder, `${name}.npz`);
  writeFileSync(
    file,
    writeNpz(
      new Map([
        [input, inputs],
        ['target', own],
      ]),
      false,
    ),
  );
  return { name, model: task.source, task: isClassifier ? 'classify' : 'segment', data: file };
}

/** Noise for a model that is its own teacher. */
function ofFile(model: string): Case {
  const [input] = readModel(readFileSync(model)).proto.graph.input;
  const dims = (input?.type?.tensorType?.shape?.dim ?? []).slice(1).map(({ dimValue }) => Number(dimValue));
  const random = new Random(1);
  const size = dims.reduce((product, dim) => product * dim, 8);
  const data = Float32Array.from({ length: size }, () => 255 * random.uniform());
  const file = path.join(folder, 'noise.npz');
  writeFileSync(
    file,
    writeNpz(new Map([[input?.name ?? '', { type: DataType.FLOAT, dims: [8, ...dims], data }]]), false),
  );
  return { name: path.basename(model), model, task: 'distill', data: file };
}

interface Found {
  readonly expected: number;
  readonly batch: number;
  /** Of the first tenth of the time, and of all. */
  readonly early: number;
  readonly peak: number;
}

async function run(
  { model, task, data }: Case,
  batch: number,
  epochs: number,
  memory: string | undefined,
): Promise<Found> {
  const [output, report] = [path.join(folder, 'out.onnx'), path.join(folder, 'report.json')];
  const argv = [
    PROGRAM,
    'finetune',
    model,
    '--data',
    data,
    '--task',
    task,
    '-o',
    output,
    '--report',
    report,
    '--force',
    '--quiet',
  ];
  const how = ['--lr', '1e-5', '--batch', String(batch), '--epochs', String(epochs), '--patience', String(epochs)];
  const more = [
    ...(memory === undefined ? [] : ['--memory', memory]),
    ...(task === 'distill' ? ['--teacher', model] : []),
  ];
  const child = spawn(process.execPath, [...argv, ...how, ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
  const seen: number[] = [];
  const timer = setInterval(() => {
    try {
      seen.push(parseStatus(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.resident ?? 0);
    } catch {
      // It is gone.
    }
  }, 20);
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(timer);
  // 1: noise teaches nothing.
  if (status !== 0 && status !== 1) throw new Error(said);
  const [result] = (
    JSON.parse(readFileSync(report, 'utf8')) as { results: [{ finetune: { memory: number; batch: number } }] }
  ).results;
  const { finetune } = result;
  const early = Math.max(...seen.slice(0, Math.ceil(seen.length / 10)));
  return { expected: finetune.memory, batch: finetune.batch, early, peak: Math.max(...seen) };
}

const [file] = process.argv.slice(2);
const [lines, pages] = [await rendered('classifier', 64), await rendered('detector', 16)];
const cases: readonly [Case, batch: number, epochs: number, memory?: string][] = [
  [lines, 1, 1],
  [lines, 8, 1],
  [lines, 32, 1],
  [lines, 32, 1, '300MB'],
  [pages, 1, 1],
  [pages, 8, 1],
  [pages, 8, 1, '400MB'],
  ...(file === undefined ? [] : [[ofFile(file), 1, 1] as [Case, number, number]]),
  [lines, 1, 100],
];
console.log('| model | batch | epochs | `--memory` | samples a run | expected | peak | peak ÷ expected |');
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const [it, batch, epochs, memory] of cases) {
  const { expected, peak, early, batch: own } = await run(it, batch, epochs, memory);
  const all = epochs < 100 ? bytes(peak) : `${bytes(peak)} (${bytes(early)} in the first tenth)`;
  const cells = [it.name, batch, epochs, memory ?? '–', own, bytes(expected), all, (peak / expected).toFixed(2)];
  console.log(`| ${cells.join(' | ')} |`);
}
rmSync(folder, { recursive: true });
