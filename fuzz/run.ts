/**
 * Tries damaged models by the hundred thousand: each is rewritten or refused, none crashes, hangs, or fills the memory.
 *
 *     npm run fuzz -- [--count 100000] [--seed 0] [--processes 2]
 *
 * Inputs that fail are written to `out/fuzz`, as they were and shrunk. Exit status 1 where there are any.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inputOf } from './input.ts';
import { shrink } from './shrink.ts';
import { Tester } from './tester.ts';

const MODULES = ['input.ts', 'attempt.ts'].map((file) => new URL(file, import.meta.url).href);
const LIMITS = { milliseconds: 20_000, megabytes: 512 };
const PIECE = 1000;
const FOLDER = 'out/fuzz';

const { values } = parseArgs({
  options: { count: { type: 'string' }, seed: { type: 'string' }, processes: { type: 'string' } },
});
const first = Number(values.seed ?? 0);
const end = first + Number(values.count ?? 100_000);
const processes = Number(values.processes ?? availableParallelism());

const started = performance.now();
const counts: Record<string, number> = {};
const failures: { readonly seed: number; readonly message: string }[] = [];
let next = first;
let largest = 0;

async function work(): Promise<void> {
  const tester = new Tester(MODULES, LIMITS);
  while (next < end) {
    const to = Math.min(next + PIECE, end);
    let from = next;
    next = to;
    // After a failure, the rest of the piece is still to be tried.
    while (from < to) {
      const told = await tester.try({ from, to });
      for (const [how, count] of Object.entries(told.counts)) counts[how] = (counts[how] ?? 0) + count;
      largest = Math.max(largest, told.resident ?? 0);
      if (told.failure !== undefined) failures.push(told.failure);
      from = told.failure === undefined ? to : told.failure.seed + 1;
    }
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(`[${seconds} s] up to seed ${to - 1}: ${JSON.stringify(counts)}, ${failures.length} failed`);
  }
  tester.close();
}

/** The first line tells failures apart, but for what is a number or a name in it. */
function kindOf(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/\d[\d.,e+-]*/g, '#').replace(/"[^"]*"/g, '"…"');
}

await Promise.all(Array.from({ length: processes }, work));
mkdirSync(FOLDER, { recursive: true });
const shrunk = new Set<string>();
for (const { seed, message } of failures) {
  const kind = kindOf(message);
  console.log(`\nseed ${seed}: ${message}`);
  const input = inputOf(seed);
  writeFileSync(join(FOLDER, `${seed}.onnx`), input);
  // One of a kind is enough to look at.
  if (shrunk.has(kind)) continue;
  shrunk.add(kind);
  const tester = new Tester(MODULES, { ...LIMITS, milliseconds: 3000 });
  const least = await shrink(
    input,
    async (bytes) => {
      const { failure } = await tester.try({ input: bytes, seed });
      return failure !== undefined && kindOf(failure.message) === kind;
    },
    500,
  );
  tester.close();
  writeFileSync(join(FOLDER, `${seed}.least.onnx`), least);
  console.log(`${FOLDER}/${seed}.onnx, ${input.length} bytes; ${seed}.least.onnx, ${least.length}`);
}
const seconds = (performance.now() - started) / 1000;
const megabytes = Math.round(largest / 1e6);
console.log(
  `\nseeds ${first} to ${end - 1} in ${Math.round(seconds)} s: ${JSON.stringify(counts)}, ${failures.length} failed; ` +
    `at most ${megabytes} MB resident in one of ${processes} processes`,
);
process.exitCode = failures.length > 0 ? 1 : 0;
