/** A folder with a model and labelled samples, for the command line. */
import { writeNpz } from '../../src/inputs/write-npz.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { writeModel } from '../../src/onnx/model.ts';
import type { Scratch } from './scratch.ts';
import { classifier, pictures } from './training.ts';

/** Writes `model.onnx` and `data.npz`. */
export function writeTraining(scratch: Scratch, count = 30): void {
  scratch.write('model.onnx', writeModel(classifier()));
  const { inputs, labels } = pictures(count, 1);
  const target = { type: DataType.INT32, dims: [count], data: labels };
  scratch.write(
    'data.npz',
    writeNpz(
      new Map([
        ['x', inputs],
        ['target', target],
      ]),
    ),
  );
}

/** A run of four epochs with a search of the rate. */
export const TRAINING = [
  'finetune',
  'model.onnx',
  '--data',
  'data.npz',
  '--task',
  'classify',
  '--epochs',
  '4',
] as const;

export const OUTPUT = 'model.ft.onnx';
