/**
 * What training makes of the outputs of detectors' files, and whether the gradient of its loss is the slope of the file: one picture of noise with
 * two objects, at batch 1.
 *
 *     npx tsx bench/finetune/families.ts ssdlite.onnx common_det.onnx …
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { GnSwapError } from '../../src/errors.ts';
import type { Example, LabelledData } from '../../src/inputs/labelled/types.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel } from '../../src/onnx/model.ts';
import { declaredType } from '../../src/onnx/value-type.ts';
import { readDetector } from '../../src/train/detect/find.ts';
import { checkGradient } from '../../src/train/detect/self-check.ts';
import { setUp } from '../../src/train/setup.ts';
import { Trainer } from '../../src/train/trainer.ts';

for (const path of process.argv.slice(2)) {
  try {
    console.log(`${basename(path)}: ${await tried(path)}`);
  } catch (error) {
    if (!(error instanceof GnSwapError)) throw error;
    console.log(`${basename(path)}: refused: ${error.describe()}`);
  }
}

async function tried(path: string): Promise<string> {
  const model = readModel(new Uint8Array(await readFile(path)));
  const [input] = model.proto.graph.input;
  const { shape = [] } = declaredType(input?.type);
  const dims = shape.map((dim, axis) => dim ?? (axis === 0 ? 1 : 256));
  const [height = 0, width = 0] = dims.slice(-2);
  const random = new Random(1);
  const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => random.uniform());
  const box = (label: number, left: number, top: number, right: number, bottom: number) => {
    return { label, left: left * width, top: top * height, right: right * width, bottom: bottom * height };
  };
  const sample: Example = {
    inputs: { [input?.name ?? '']: { type: DataType.FLOAT, dims, data } },
    target: { kind: 'boxes', boxes: [box(0, 0.1, 0.1, 0.4, 0.5), box(1, 0.5, 0.3, 0.9, 0.9)] },
  };
  const { classes, why } = await readDetector(model, sample);
  const { task } = await setUp(model, dataOf(sample, classes), { task: 'detect' });
  const trainer = await Trainer.open(task.ending?.(model) ?? model, task.objective, sample);
  try {
    const check = await checkGradient(trainer, task, sample);
    const before = (await trainer.answer([sample])).loss;
    await trainer.step([[sample]], 1e-4);
    const after = (await trainer.answer([sample])).loss;
    const numbers = trainer.parametersNow().length.toLocaleString('en');
    return `${classes} classes; ${why}; ${numbers} numbers; slope off by ${((check?.error ?? Number.NaN) * 100).toFixed(2)} %; loss ${before.toFixed(3)} → ${after.toFixed(3)} in a step`;
  } finally {
    await trainer.close();
    await task.close?.();
  }
}

function dataOf(sample: Example, classes: number): LabelledData {
  return {
    count: 1,
    names: ['noise'],
    strata: [0],
    classes: Array.from({ length: classes }, (_, label) => `c${label}`),
    skipped: [],
    image: undefined,
    keyOf: () => '',
    load: async () => sample,
  };
}
