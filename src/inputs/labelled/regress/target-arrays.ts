/** Files of arrays → the numbers of the model's outputs for one sample. */
import { GnSwapError } from '../../../errors.ts';
import { DataType } from '../../../onnx/data-type.ts';
import type { Model } from '../../../onnx/model.ts';
import { numbersIn, type Value, type Values } from '../../../runtime/session.ts';
import { batchOf } from '../../batch.ts';
import { sizeOf } from '../../generated.ts';
import { readNpy } from '../../npy.ts';
import { readNpz } from '../../npz.ts';
import type { NumberOutput } from './outputs.ts';

/**
 * Reads `.npy`, the one output of the model, or `.npz`, an array for each output that is learnt: `target/OUTPUT`, `OUTPUT`, or `target` for a model with one.
 *
 * @throws GnSwapError `invalid-data` naming file and array if there is none for an output, or it has another shape, or holds what is no number
 */
export function readTargets(bytes: Uint8Array, file: string, outputs: readonly NumberOutput[], model: Model): Values {
  const arrays = /\.npy$/i.test(file) ? new Map([['target', readNpy(bytes, { file })]]) : readNpz(bytes, file);
  const found = outputs.flatMap((output) => {
    const names = [`target/${output.name}`, output.name, ...(outputs.length === 1 ? ['target'] : [])];
    const value = names.map((name) => arrays.get(name)).find((it) => it !== undefined);
    return value === undefined ? [] : [[output.name, fitted(value, output, file, model)] as const];
  });
  if (found.length > 0) return Object.fromEntries(found);
  const names = outputs.map(({ name }) => name);
  throw new GnSwapError('invalid-data', `it has no array named after an output of the model (${names.join(', ')})`, {
    file,
    remedy: `Write it: numpy.savez(path, **{${JSON.stringify(`target/${names[0] ?? 'OUTPUT'}`)}: values})`,
  });
}

/** One sample's numbers in the shape of the output; the axes of samples, and of one channel, may be missing. */
function fitted(value: Value, { name, shape }: NumberOutput, file: string, model: Model): Value {
  const written = numbersIn(value);
  const numbers = new Float32Array(written);
  const bad = numbers.findIndex((it) => !Number.isFinite(it));
  if (bad >= 0) {
    throw new GnSwapError('invalid-data', `${written[bad]} is not a number that can be learnt`, {
      file,
      node: name,
      remedy:
        'Leave out samples without a value in some places, or give a loss that passes over them: --loss FILE.onnx',
    });
  }
  const hasBatch = batchOf(model).inputs.size > 0;
  const wanted = shape === undefined ? undefined : hasBatch ? [1, ...shape.slice(1)] : shape;
  const dims = wanted === undefined ? [...(hasBatch ? [1] : []), ...value.dims] : dimsIn(value.dims, wanted);
  if (dims !== undefined) return { type: DataType.FLOAT, dims, data: numbers };
  const text = (wanted ?? []).map((dim) => dim ?? '?').join(', ');
  throw new GnSwapError('invalid-data', `its shape is [${value.dims.join(', ')}]; the model answers [${text}]`, {
    file,
    node: name,
    remedy: 'Save it in the shape that the model answers a sample with',
  });
}

/** The shape with axes of 1 put in or left out, so that it is what is wanted; undefined if it is another. */
function dimsIn(given: readonly number[], wanted: readonly (number | undefined)[]): readonly number[] | undefined {
  const known = wanted.filter((dim) => dim !== undefined);
  if (known.length === wanted.length)
    return sizeOf({ dims: known }) === sizeOf({ dims: given }) && isSameBut1(given, known) ? known : undefined;
  const missing = wanted.length - given.length;
  const whole = missing >= 0 && missing <= 2 ? [...new Array<number>(missing).fill(1), ...given] : [];
  return whole.length === wanted.length &&
    whole.every((dim, axis) => wanted[axis] === undefined || wanted[axis] === dim)
    ? whole
    : undefined;
}

/** Whether two shapes differ only in axes of 1. */
function isSameBut1(a: readonly number[], b: readonly number[]): boolean {
  const long = (dims: readonly number[]) => dims.filter((dim) => dim !== 1).join();
  return long(a) === long(b);
}
