// Fine-tunes PaddleOCR's orientation classifier and text detector, as they are and with GroupNormalization, and writes what
// came of it:
//   npm run example:finetune            about 40 minutes on two cores; the results, the tables and the picture are written anew
//   npm run example:finetune -- --quick about a minute, to see that everything runs; nothing that is kept changes
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepareEnvironment, say } from '../../scripts/environments.ts';
import { run } from '../../scripts/python.ts';

const TASKS = ['classifier', 'detector'];
/** How each rewrite is made, beside `--for pytorch`. */
const REWRITES = {
  copy: () => ['--init', 'copy'],
  statistics: () => ['--init', 'statistics'],
  calibrate: (folder) => ['--calibrate', join(folder, 'calibration.npz')],
};
const QUICK = ['--batches', '1', '4', '--rates', '1e-4', '3e-4', '--seeds', '1'];
/** Longer, at the batch where it counts, of those that could be best there, and of what fails. */
const LONGER = [
  '--batches',
  '1',
  '--methods',
  'bn',
  'bn-frozen',
  'calibrate',
  '--rates',
  '1e-4',
  '3e-4',
  '1e-3',
  '--passes',
  '4',
];
/** A page costs what five lines cost. */
const OF_DETECTOR = ['--rates', '3e-5', '1e-4', '3e-4'];

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const { values } = parseArgs({ options: { quick: { type: 'boolean' } } });
const folder = values.quick ? 'out/finetune-quick' : 'out/finetune';
const results = values.quick ? folder : 'examples/finetune/results';
mkdirSync(results, { recursive: true });

const { interpreter, missing, error } = prepareEnvironment('training');
if (interpreter === undefined) stop(missing ?? error);

say('rendering lines and pages');
node('--import', 'tsx', 'examples/finetune/render.ts', folder, ...(values.quick ? ['--quick'] : []));
for (const task of TASKS) {
  const own = join(folder, task);
  for (const [name, init] of Object.entries(REWRITES)) {
    const output = join(own, `${name}.onnx`);
    // What calibrates is unlike what the model was trained on: that is the point, and the warning says so.
    node('bin/gn-swap.js', join(own, 'source.onnx'), '--for', 'pytorch', '--force', ...init(own), '-o', output);
  }
}
for (const task of TASKS) {
  say(`fine-tuning the ${task}`);
  train(task, task, values.quick ? QUICK : task === 'detector' ? OF_DETECTOR : []);
}
say('fine-tuning the classifier for longer');
train('classifier', 'longer', values.quick ? [...QUICK, '--passes', '2'] : LONGER);
node('--import', 'tsx', 'examples/finetune/report.ts', ...(values.quick ? [results] : []));
say('done');

function train(task, name, extent) {
  const args = ['examples/finetune/train.py', folder, task, join(results, `${name}.tsv`), ...extent];
  const env = { PYTHONPATH: 'test/interop', PYTHONDONTWRITEBYTECODE: '1' };
  if (!run(interpreter, args, { env }).ok) stop(`the ${task} was not trained`);
}

function node(...args) {
  if (!run(process.execPath, args).ok) stop(`it failed: node ${args.join(' ')}`);
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
