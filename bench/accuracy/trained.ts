/** The networks that bench/models/train.py trained, on the pictures that it held out. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpz } from '../../src/inputs/npz.ts';
import type { Value } from '../../src/runtime/session.ts';
import { accuracy } from '../ocr/accuracy.ts';
import { meanIou } from './mean-iou.ts';
import { answers } from './ocr.ts';
import type { Amounts, Subject } from './subject.ts';

/** As train.py names them, with the number of classes. */
const TRAINED = { resnet: 12, mobilenet: 12, densenet: 12, unet: 5 } as const;

/** Where train.py writes, unless told otherwise. */
export const FOLDER = join(import.meta.dirname, '..', '..', 'out', 'models');

export const TRAINED_NAMES = Object.keys(TRAINED) as (keyof typeof TRAINED)[];

/** Pictures of the same kind that it is not scored on. */
export function calibrationOf(name: keyof typeof TRAINED): Value {
  const file = join(FOLDER, `${name}.npz`);
  return readNpz(readFileSync(file), file).get('calibration') as Value;
}

/** Pictures that it was not trained on, which it is scored on. */
export function heldOutOf(name: keyof typeof TRAINED): Value {
  const file = join(FOLDER, `${name}.npz`);
  return readNpz(readFileSync(file), file).get('inputs') as Value;
}

/** One of them; nothing where it has not been trained. */
export function trained(name: keyof typeof TRAINED, { pictures }: Amounts): Subject | undefined {
  const [source, data] = ['onnx', 'npz'].map((extension) => join(FOLDER, `${name}.${extension}`)) as [string, string];
  if (!existsSync(source) || !existsSync(data)) return undefined;
  const arrays = readNpz(readFileSync(data), data);
  const inputs = arrays.get('inputs') as Value;
  const labels = arrays.get('labels') as Value;
  const count = Math.min(pictures, inputs.dims[0] as number);
  const dims = inputs.dims.slice(1);
  const samples = (inputs.data as Float32Array).subarray(0, (inputs.data.length / (inputs.dims[0] as number)) * count);
  const expected = Array.from(labels.data as ArrayLike<number | bigint>, Number).slice(
    0,
    (labels.data.length / (labels.dims[0] as number)) * count,
  );
  const isMask = labels.dims.length > 1;
  const classes = TRAINED[name];
  return {
    name,
    metric: `${isMask ? 'mean IoU' : 'accuracy'} on ${count} held-out pictures (bench/models/train.py, seed 0)`,
    source,
    score: async (model) => {
      const scores = (await answers(model, samples, dims, 50)).data;
      return isMask ? meanIou(scores, expected, classes, count) : accuracy(scores, expected, classes);
    },
  };
}
