/**
 * Writes each task's source model and its sets of samples, as train.py and gn-swap read them:
 * `tsx examples/finetune/render.ts FOLDER [--quick]`
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { atOpset10 } from './opset-10.ts';
import { SEEDS, type SetName, TASKS } from './tasks.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' } } });
const [root] = positionals;
if (root === undefined) throw new RangeError('name the folder to write to');
for (const task of TASKS) {
  const folder = join(root, task.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'source.onnx'), writeModel(atOpset10(readModel(readFileSync(task.source)))));
  for (const set of Object.keys(SEEDS) as SetName[]) {
    const [full, quick] = task.counts[set];
    const { inputs, targets } = await task.render({ count: values.quick ? quick : full, seed: SEEDS[set] });
    // What is calibrated on has no labels.
    const arrays = new Map([['x', inputs]]);
    if (set !== 'calibration') arrays.set('target', targets);
    writeFileSync(join(folder, `${set}.npz`), writeNpz(arrays));
  }
}
