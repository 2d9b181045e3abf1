/**
 * Fine-tunes PaddleOCR's classifier and detector at a batch of 1 as examples/finetune does in PyTorch, with ONNX Runtime alone:
 * `npx tsx bench/finetune/ocr.ts [--rate auto|3e-4] [--passes 1] [--seeds 3] [--groups auto|4]
 * [classifier|detector ...]`.
 *
 * Each file is the source, with BatchNormalization frozen, or GroupNormalization calibrated on the unlabelled inputs of the new look, with groups by
 * the fit and with 4, which learn more on the classifier; --groups leaves one of them. The rate and
 * the epoch are chosen on the validation set; scores are of the test set.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SEEDS, type SetName, TASKS } from '../../examples/finetune/tasks.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { finetune } from '../../src/jobs/finetune.ts';
import { swap } from '../../src/jobs/swap.ts';
import { type Model, readModel, writeModel } from '../../src/onnx/model.ts';
import { openSession, run } from '../ocr/models.ts';
import { overlap } from '../ocr/overlap.ts';
import { labelled, type Rendered } from './data.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rate: { type: 'string' },
    passes: { type: 'string' },
    seeds: { type: 'string' },
    groups: { type: 'string' },
  },
});
const rate = values.rate === undefined || values.rate === 'auto' ? 'auto' : Number(values.rate);
type Groups = number | 'auto';
const asked: Groups = values.groups === 'auto' ? 'auto' : Number(values.groups);
const allGroups: readonly Groups[] = values.groups === undefined ? ['auto', 4] : [asked];
const [passes, seeds] = [Number(values.passes ?? 1), Number(values.seeds ?? 3)];

console.log(`| task | file | before | after ${passes} pass(es), mean (least–most) | rates | seconds |`);
console.log('| --- | --- | ---: | ---: | --- | ---: |');
for (const task of TASKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  const render = (set: SetName) => task.render({ count: task.counts[set][0], seed: SEEDS[set] });
  const source = new Uint8Array(readFileSync(task.source));
  const name = readModel(source).proto.graph.input[0]?.name ?? '';
  const sets = { train: await render('train'), validation: await render('validation'), test: await render('test') };
  const { inputs } = await render('calibration');
  const files: [file: string, bytes: Uint8Array][] = [['BN, frozen', source]];
  for (const groups of allGroups) {
    const { model } = await swap(source, { calibrate: datasetOf({ [name]: inputs }), groups, verify: false });
    files.push([groups === 'auto' ? 'GN, calibrated' : `GN, calibrated, --groups ${groups}`, model]);
  }
  for (const [file, bytes] of files) {
    const scores: number[] = [];
    const rates: number[] = [];
    const seconds: number[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const data = labelled(task.name, sets.train, name);
      const held = labelled(task.name, sets.validation, name);
      const taskName = task.name === 'classifier' ? 'classify' : 'segment';
      const { model, facts } = await finetune(readModel(bytes), data, {
        task: taskName,
        held,
        rate,
        epochs: passes,
        seed,
        weightDecay: 0,
      });
      scores.push(await scoreOf(task.name, model ?? readModel(bytes), sets.test));
      rates.push(facts.rate);
      seconds.push(facts.seconds);
    }
    const before = await scoreOf(task.name, readModel(bytes), sets.test);
    const mean = scores.reduce((sum, it) => sum + it, 0) / scores.length;
    const range = `${mean.toFixed(3)} (${Math.min(...scores).toFixed(3)}–${Math.max(...scores).toFixed(3)})`;
    console.log(
      `| ${task.name} | ${file} | ${before.toFixed(3)} | ${range} | ${rates.join(', ')} | ${Math.max(...seconds).toFixed(0)} |`,
    );
  }
}

/** Accuracy, or the overlap of maps at the threshold of PaddleOCR. */
async function scoreOf(task: string, model: Model, { inputs, targets }: Rendered): Promise<number> {
  const session = await openSession(writeModel(model));
  const { data, dims } = await run(session, inputs.data as Float32Array, inputs.dims.slice(1), 1);
  await session.release();
  const count = dims[0] as number;
  if (task !== 'classifier') return overlap(data, targets.data as Float32Array, count);
  let right = 0;
  for (let i = 0; i < count; i++) {
    right += Number(Number((data[2 * i + 1] as number) > (data[2 * i] as number)) === targets.data[i]);
  }
  return right / count;
}
