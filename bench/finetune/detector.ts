/**
 * Teaches a detector four new classes from its file alone, at batch 1, and prints AP on held-out pictures.
 *
 *     npx tsx bench/finetune/detector.ts common_det.onnx --scale 1 --bgr --epochs 5 [--swap]
 *
 * `--swap` teaches the swapped file: folded sites too, calibrated and refined on 40 of the pictures without their boxes.
 *
 * Weights of others are not part of this repository: common_det.onnx is in PyPI's `ddddocr==1.6.1`.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { datasetOf } from '../../src/inputs/dataset.ts';
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import { swap } from '../../src/jobs/swap.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { refinedText } from '../../src/report/chosen.ts';
import { withParameters } from '../../src/train/deliver.ts';
import { checkGradient } from '../../src/train/detect/self-check.ts';
import { runEpochs } from '../../src/train/fit.ts';
import { withClasses } from '../../src/train/head/index.ts';
import { setUp } from '../../src/train/setup.ts';
import { Trainer } from '../../src/train/trainer.ts';
import { SHAPES, shapesOf } from './shapes.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string', default: String(1 / 255) },
    bgr: { type: 'boolean', default: false },
    epochs: { type: 'string', default: '5' },
    count: { type: 'string', default: '200' },
    held: { type: 'string', default: '50' },
    rate: { type: 'string', default: '1e-3' },
    size: { type: 'string' },
    seed: { type: 'string', default: '0' },
    output: { type: 'string' },
    train: { type: 'string', default: 'all' },
    swap: { type: 'boolean', default: false },
  },
});
const [path] = positionals;
if (path === undefined) throw new Error('give a model');
const file = new Uint8Array(await readFile(path));
const original = readModel(file);
const info = original.proto.graph.input[0];
const size = Number(values.size ?? info?.type?.tensorType?.shape?.dim[2]?.dimValue ?? 640);
const [seed, count, held] = [Number(values.seed), Number(values.count), Number(values.held)];
const how = { input: info?.name ?? '', size, scale: Number(values.scale), bgr: values.bgr };
const data = shapesOf({ ...how, count, seed: 2 * seed + 1 });
const heldData = shapesOf({ ...how, count: held, seed: 2 * seed + 2 });
const example = await data.load(0);
const source = values.swap ? await swapped(file, data) : original;
const rebuilt = await withClasses(source, SHAPES, { kind: 'detect', example, seed });
for (const note of rebuilt.notes) console.log(note);
const { task } = await setUp(rebuilt.model, data, { task: 'detect' });
for (const note of task.notes ?? []) console.log(note);
const trainer = await Trainer.open(task.ending?.(rebuilt.model) ?? rebuilt.model, task.objective, example, {
  wrt: [values.train],
});
console.log('gradient check:', await checkGradient(trainer, task, example));
const started = performance.now();
const fitted = await runEpochs(trainer, task, data, {
  epochs: Number(values.epochs),
  batch: 1,
  accumulate: 1,
  seed,
  rate: values.rate === 'auto' ? 'auto' : Number(values.rate),
  patience: 100,
  held: heldData,
  onEvent(event) {
    if (event.kind === 'step' && event.step % 50 === 0) {
      console.log(`step ${event.step} loss ${event.loss.toFixed(3)} ${event.perSecond.toFixed(2)}/s`);
    }
    if (event.kind === 'epoch') console.log('epoch', JSON.stringify(event.facts));
  },
});
trainer.restore({ theta: fitted.best });
const scorer = task.scorer();
for (let sample = 0; sample < held; sample++) {
  const it = await heldData.load(sample);
  await scorer.add((await trainer.answer([it])).outputs, [it]);
}
const { value, detail, figures } = scorer.result();
console.log(
  `AP50 ${value?.toFixed(3)}; ${detail}; ${fitted.steps} steps in ${((performance.now() - started) / 1000).toFixed(0)} s`,
);
console.log(JSON.stringify(figures, undefined, 1));
if (values.output !== undefined) {
  await writeFile(values.output, writeModel(withParameters(rebuilt.model, trainer.layout.parts, fitted.best)));
}
await trainer.close();
await task.close?.();

/** The swapped file, its γ and β solved and refined on pictures without their boxes. */
async function swapped(bytes: Uint8Array, pictures: LabelledData) {
  const given = Math.min(40, pictures.count);
  const all = new Float32Array(given * 3 * size * size);
  for (let at = 0; at < given; at++) {
    const input = (await pictures.load(at)).inputs[how.input];
    all.set(input?.data as Float32Array, at * 3 * size * size);
  }
  const { model, calibration } = await swap(bytes, {
    sites: 'folded',
    calibrate: datasetOf({ [how.input]: { type: DataType.FLOAT, dims: [given, 3, size, size], data: all } }),
    refine: 200,
    verify: false,
    memory: 2e9,
    seed,
  });
  if (calibration) console.log(refinedText(calibration));
  return readModel(model);
}
