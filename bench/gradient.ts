/**
 * What a training step costs, beside PyTorch: `npx tsx bench/gradient.ts MODEL LOSS INPUT=1x3x48x192`.
 *
 * A step is forward, backward and AdamW. Prints the time to build the gradient model, then for one and two threads the CPU and wall time of a
 * step (lower quartile), of a step as `finetune` takes it, with AdamW outside of the graph, of the model's own inference, and of its forward pass with the parameters as inputs, which is what the step holds.
 *   --named            parameters as inputs of their own, not as one vector
 *   --peer PYTHON      a Python with torch: the same step there, in turn, with AdamW as it is by default and with its fused kernel; and the gradient model in
 *                      Python's ONNX Runtime, which does not copy its outputs as Node's does
 *   --rounds 5 --steps 10 --threads 1,2
 * Memory is what the process grew by, at its peak, in MB.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { gradientOf } from '../src/gradient/index.ts';
import type { LossName } from '../src/gradient/losses.ts';
import { needed } from '../src/gradient/walk.ts';
import { type Model, readModel, withGraph, writeModel } from '../src/onnx/model.ts';

interface Timed {
  readonly cpu: readonly number[];
  readonly wall: readonly number[];
  readonly grown: number;
}

/** A process that takes steps when it is told to. */
class Worker {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly rounds: Timed[] = [];

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until it is loaded, and takes its first steps, which are not counted. */
  async warmUp(): Promise<void> {
    await this.#lines.next();
    await this.#ask(3);
  }

  async take(steps: number): Promise<void> {
    this.rounds.push(await this.#ask(steps));
  }

  close(): void {
    this.#child.stdin.end();
  }

  /** The lower quartile of all steps. */
  time(kind: 'cpu' | 'wall'): number {
    const all = this.rounds.flatMap((round) => round[kind]).sort((a, b) => a - b);
    return all[Math.floor(all.length / 4)] as number;
  }

  async #ask(steps: number): Promise<Timed> {
    this.#child.stdin.write(`${steps}\n`);
    const { value } = await this.#lines.next();
    return JSON.parse(value);
  }
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    named: { type: 'boolean', default: false },
    peer: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '10' },
    threads: { type: 'string', default: '1,2' },
  },
});
const [file = '', loss = 'mse', size = ''] = positionals;
const [name = '', dims = ''] = size.split('=');

const source = readModel(new Uint8Array(readFileSync(file)));
const started = performance.now();
const { model, init, parameters } = await gradientOf(source, {
  loss: loss as LossName,
  optimizer: 'adamw',
  flat: !values.named,
  sizes: { [name]: dims.split('x').map(Number) },
});
const trained = parameters.filter(({ taken }) => taken);
const numbers = trained.reduce((sum, it) => sum + it.dims.reduce((product, dim) => product * dim, 1), 0);
console.log(
  `${file} ${size}: built in ${(performance.now() - started).toFixed(0)} ms, ${model.proto.graph.node.length} nodes, ` +
    `${trained.length} parameters of ${numbers} numbers; load average ${loadavg()[0]?.toFixed(1)}`,
);

const folder = mkdtempSync(join(tmpdir(), 'gn-swap-gradient-'));
const write = (title: string, made: Model) => {
  writeFileSync(join(folder, title), writeModel(made));
  return join(folder, title);
};
const [gradientFile, initFile, forwardFile, inferenceFile] = [
  write('gradient.onnx', model),
  write('init.onnx', init),
  write('forward.onnx', forwardOf(model, source)),
  write('inference.onnx', fixed(source)),
];
for (const threads of values.threads.split(',')) await compare(threads);
rmSync(folder, { recursive: true });

async function compare(threads: string): Promise<void> {
  const node = (...args: string[]) =>
    new Worker(process.execPath, ['--import', 'tsx', 'bench/gradient-worker.ts', ...args, threads]);
  const python = (kind: string) =>
    new Worker(values.peer ?? '', [
      'test/interop/gradient/peer.py',
      ...[file, loss, size, threads, kind, JSON.stringify(trained.map((it) => it.name))],
    ]);
  const stepper = (kind: string) =>
    new Worker(values.peer ?? '', ['test/interop/gradient/stepper.py', gradientFile, initFile, threads, kind]);
  const workers: Record<string, Worker> = {
    step: node(gradientFile, initFile),
    'step of finetune': new Worker(process.execPath, [
      ...['--import', 'tsx', 'bench/gradient-trainer.ts', file, loss, size, threads],
    ]),
    forward: node(forwardFile, initFile),
    inference: node(inferenceFile, ''),
    ...(values.peer === undefined
      ? {}
      : {
          'step, Python': stepper('default'),
          'step, Python, lean': stepper('lean'),
          PyTorch: python('default'),
          'PyTorch, fused AdamW': python('fused'),
        }),
  };
  for (const worker of Object.values(workers)) await worker.warmUp();
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const worker of Object.values(workers)) await worker.take(Number(values.steps));
  }
  for (const worker of Object.values(workers)) worker.close();
  const own = workers.step as Worker;
  console.log(`${threads} thread${threads === '1' ? '' : 's'}`);
  for (const [title, worker] of Object.entries(workers)) {
    const [cpu, wall] = [worker.time('cpu'), worker.time('wall')];
    const ratio = `step / this: ${(own.time('cpu') / cpu).toFixed(2)} CPU, ${(own.time('wall') / wall).toFixed(2)} wall`;
    console.log(
      `  ${title.padEnd(20)} ${cpu.toFixed(2)} ms CPU, ${wall.toFixed(2)} wall, ${worker.rounds.at(-1)?.grown.toFixed(0)} MB; ${ratio}`,
    );
  }
}

/** The gradient model without what only the gradient needs. */
function forwardOf(gradient: Model, { proto }: Model): Model {
  const { graph } = gradient.proto;
  const own = new Set(proto.graph.output.map((it) => it.name));
  const node = needed(graph.node, own);
  const read = new Set(node.flatMap(({ input }) => input));
  return withGraph(gradient, {
    ...graph,
    node,
    input: graph.input.filter((it) => read.has(it.name)),
    output: graph.output.filter((it) => own.has(it.name)),
    initializer: graph.initializer.filter((it) => read.has(it.name)),
  });
}

/** The source with the input sizes of the gradient model. */
function fixed(given: Model): Model {
  const { graph } = given.proto;
  const sized = new Map(model.proto.graph.input.map((it) => [it.name, it]));
  return withGraph(given, { ...graph, input: graph.input.map((it) => sized.get(it.name) ?? it), valueInfo: [] });
}
