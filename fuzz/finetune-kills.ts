/**
 * Kills training runs at seeded moments, again and again, and lets each go on: it must end in the bytes of a run that nobody disturbed.
 *
 *     npm run fuzz:finetune-kills -- [--count 50] [--seed 0]
 */
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Random } from '../src/inputs/random.ts';
import { builtSources, ended, startCli } from '../test/support/cli.ts';
import { OUTPUT, TRAINING, writeTraining } from '../test/support/finetune.ts';
import { Scratch } from '../test/support/scratch.ts';

const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' } } });
const count = Number(values.count ?? 50);
const random = new Random(Number(values.seed ?? 0));

builtSources();
const whole = new Scratch();
writeTraining(whole);
const begun = performance.now();
const first = await ended(startCli(TRAINING, { cwd: whole.folder }));
if (first.status !== 0) throw new Error(first.stderr);
const milliseconds = performance.now() - begun;
const expected = whole.read(OUTPUT);
whole.remove();

let kills = 0;
let resumed = 0;
while (kills < count) {
  const scratch = new Scratch();
  writeTraining(scratch);
  for (let isDone = false; !isDone; ) {
    const args = existsSync(scratch.path(`${OUTPUT}.state`)) ? [...TRAINING, '--resume'] : [...TRAINING, '--force'];
    if (args.includes('--resume')) resumed++;
    const child = startCli(args, { cwd: scratch.folder });
    const result = ended(child);
    // The last run of each is left alone.
    if (kills < count && random.uniform() < 0.7) {
      // Every other kill comes behind a saved epoch: most of a run is over before there is one.
      const isLate = random.uniform() < 0.5;
      const isSaved = () => existsSync(scratch.path(`${OUTPUT}.state`));
      let isRunning = true;
      const end = result.then(() => {
        isRunning = false;
      });
      while (isLate && isRunning && !isSaved()) await setTimeout(2);
      await Promise.race([setTimeout((random.uniform() * milliseconds) / (isLate ? 4 : 1)), end]);
      child.kill('SIGKILL');
      kills++;
    }
    const { status, stderr } = await result;
    if (status !== null && status !== 0) throw new Error(`after ${kills} kills it ends with ${status}: ${stderr}`);
    isDone = status === 0;
  }
  if (!scratch.read(OUTPUT).equals(expected)) throw new Error(`after ${kills} kills the output is another`);
  const left = scratch.list().filter((name) => ![OUTPUT, 'model.onnx', 'data.npz'].includes(name));
  if (left.length > 0) throw new Error(`after ${kills} kills ${left.join(', ')} is left`);
  scratch.remove();
}
console.log(
  `${kills} kills, ${resumed} runs that went on: all ended in the bytes of an undisturbed run, and left nothing else`,
);
