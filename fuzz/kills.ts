/**
 * Kills gn-swap at seeded moments, and looks at what it leaves: the old state or the whole output, and nothing that the next
 * run does not clear away.
 *
 *     npm run fuzz:kills -- [--count 200] [--seed 0]
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Random } from '../src/inputs/random.ts';
import { builtSources, ended, startCli } from '../test/support/cli.ts';
import { argumentsOf, contentsOf, expectWhole, KILL_CASES, prepared } from '../test/support/killed.ts';
import type { Scratch } from '../test/support/scratch.ts';

const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.count ?? 200);
const random = new Random(Number(values.seed ?? 0));

builtSources();
const started = performance.now();
const total: Record<string, number> = {};
for (const [name, killed] of Object.entries(KILL_CASES)) {
  const args = argumentsOf(killed);
  const whole = prepared(killed);
  const begun = performance.now();
  const { status, stderr } = await ended(startCli(args, { cwd: whole.folder }));
  if (status !== 0) throw new Error(stderr);
  const milliseconds = performance.now() - begun;
  const expected = contentsOf(whole);
  whole.remove();
  const states: Record<string, number> = {};
  for (let i = 0; i < count / Object.keys(KILL_CASES).length; i++) {
    const moment = random.uniform() * milliseconds;
    const run = async ({ folder }: Scratch) => {
      const child = startCli(args, { cwd: folder });
      const result = ended(child);
      await setTimeout(moment);
      child.kill('SIGKILL');
      await result;
    };
    const state = await expectWhole(killed, expected, run, `${name}, killed after ${moment.toFixed(1)} ms`);
    states[state] = (states[state] ?? 0) + 1;
    total[state] = (total[state] ?? 0) + 1;
  }
  console.log(`${name}: killed within ${Math.round(milliseconds)} ms; the output is ${JSON.stringify(states)}`);
}
const seconds = Math.round((performance.now() - started) / 1000);
console.log(`\n${count} kills in ${seconds} s: ${JSON.stringify(total)}; 0 damaged, 0 left behind by the next run`);
