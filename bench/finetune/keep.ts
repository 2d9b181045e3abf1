/**
 * Teaches a detector four new classes beside its own: pictures of what it finds already are given without labels. Prints AP on held-out
 * pictures of the new classes, and how many of its boxes in held-out pictures of the old ones the trained model still finds.
 *
 *     npx tsx bench/finetune/keep.ts common_det.onnx --scale 1 --bgr --classes letter
 *
 * Weights of others are not part of this repository: common_det.onnx is in PyPI's `ddddocr==1.6.1`.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { finetune } from '../../src/jobs/finetune.ts';
import { readModel } from '../../src/onnx/model.ts';
import { forgotten } from '../../src/train/detect/forgetting.ts';
import { shapesOf } from './shapes.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string', default: String(1 / 255) },
    bgr: { type: 'boolean', default: false },
    classes: { type: 'string', default: 'letter' },
    epochs: { type: 'string', default: '5' },
    count: { type: 'string', default: '200' },
    keep: { type: 'string', default: '100' },
    held: { type: 'string', default: '50' },
    rate: { type: 'string', default: '1e-3' },
    size: { type: 'string' },
    seed: { type: 'string', default: '0' },
  },
});
const [path] = positionals;
if (path === undefined) throw new Error('give a model');
const source = readModel(new Uint8Array(await readFile(path)));
const info = source.proto.graph.input[0];
const size = Number(values.size ?? info?.type?.tensorType?.shape?.dim[2]?.dimValue ?? 640);
const [seed, count, held, keep] = [values.seed, values.count, values.held, values.keep].map(Number) as [
  number,
  number,
  number,
  number,
];
const oldClasses = values.classes.split(',');
const how = { input: info?.name ?? '', size, scale: Number(values.scale), bgr: values.bgr };
const letters = (amount: number, from: number) => shapesOf({ ...how, count: amount, seed: from, letters: true });

const { model, facts } = await finetune(source, shapesOf({ ...how, count, seed: 2 * seed + 1 }), {
  task: 'detect',
  held: shapesOf({ ...how, count: held, seed: 2 * seed + 2 }),
  keep: keep === 0 ? undefined : letters(keep, 1000 + 2 * seed),
  oldClasses,
  epochs: Number(values.epochs),
  rate: Number(values.rate),
  patience: 100,
  seed,
  onEvent(event) {
    if (event.kind === 'step' && event.step % 50 === 0) {
      console.log(`step ${event.step} loss ${event.loss.toFixed(3)} ${event.perSecond.toFixed(2)}/s`);
    }
    if (event.kind === 'epoch') console.log('epoch', JSON.stringify(event.facts));
  },
});
for (const note of facts.notes) console.log(note);
console.log(`AP50 ${facts.after?.value?.toFixed(3)}; ${facts.after?.detail}; ${facts.steps} steps`);
if (model !== undefined) {
  const unseen = letters(held, 1001 + 2 * seed);
  async function* pictures() {
    for (let sample = 0; sample < unseen.count; sample++) yield unseen.load(sample);
  }
  const { boxes, kept } = await forgotten(source, model, pictures(), {}, oldClasses);
  console.log(`of ${boxes} boxes of the source in ${held} pictures of letters not trained on, ${kept} are found`);
}
