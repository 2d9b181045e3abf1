/** Regression: .npz files of inputs, and `target/OUTPUT` with the numbers of each sample. */
import { GnSwapError } from '../../../errors.ts';
import { DataType } from '../../../onnx/data-type.ts';
import { numbersIn, type Value } from '../../../runtime/session.ts';
import { plural } from '../../../words.ts';
import { sizeOf } from '../../generated.ts';
import { type ArrayFile, entryOf, hasArrays, openArrays } from '../arrays.ts';
import type { Layout } from '../layout.ts';
import { type NumberOutput, numberOutputs, targetDims } from './outputs.ts';

/** `target/OUTPUT` for each output that is learnt; `target` for a model with one output. */
export const numberArrays: Layout = {
  expects: '.npz files with the inputs and an array target/OUTPUT',
  matches: hasArrays,
  async open(context) {
    const { model } = context;
    const outputs = numberOutputs(model);
    const samples = (await openArrays(context)).flatMap((opened) => {
      const named = namesOf(opened, outputs);
      for (const { output, array } of named) requireFit(opened, output, array);
      return opened.samples.map((sample, row) => ({
        file: opened.file,
        ...(sample.row === undefined ? {} : { row: sample.row }),
        stratum: 0,
        key: sample.shape,
        load: async () => {
          const values = named.map(({ output, array }): [string, Value] => {
            const { data } = entryOf(opened.target(array), row);
            const dims = targetDims(output, data.length, model);
            return [output.name, { type: DataType.FLOAT, dims, data: Float32Array.from(data) }];
          });
          return {
            inputs: await sample.load(),
            target: { kind: 'values', values: Object.fromEntries(values) } as const,
          };
        },
      }));
    });
    return { samples };
  },
};

/** The arrays that are targets, with the output of each. */
function namesOf(
  { names, file }: ArrayFile,
  outputs: readonly NumberOutput[],
): { output: NumberOutput; array: string }[] {
  const found = outputs.flatMap((output) => {
    const array = `target/${output.name}`;
    return names.includes(array) ? [{ output, array }] : [];
  });
  const [only] = outputs;
  if (found.length > 0) return found;
  if (outputs.length === 1 && only !== undefined && names.includes('target'))
    return [{ output: only, array: 'target' }];
  const wanted = outputs.map(({ name }) => JSON.stringify(`target/${name}`)).join(' or ');
  throw new GnSwapError('invalid-data', `it has no array ${wanted}`, {
    file: file.path,
    remedy: `Write it beside the inputs: numpy.savez(path, **inputs, **{"target/${only?.name ?? 'OUTPUT'}": values})`,
  });
}

/** Every number must be one, and there must be as many as the output has. */
function requireFit({ file, target, samples }: ArrayFile, { name, dims }: NumberOutput, array: string): void {
  const value = target(array);
  const each = sizeOf(value) / samples.length;
  const wanted = dims === undefined ? each : sizeOf({ dims });
  if (each !== wanted) {
    const message = `it has ${plural(each, 'number')} a sample, and output ${JSON.stringify(name)} has ${wanted}`;
    const remedy = `Give it the shape of the output: [${[samples.length, ...(dims?.slice(1) ?? [])].join(', ')}]`;
    throw new GnSwapError('invalid-data', message, { file: file.path, node: array, remedy });
  }
  const numbers = numbersIn(value);
  const bad = Array.from(numbers).findIndex((it) => !Number.isFinite(Math.fround(it)));
  if (bad < 0) return;
  throw new GnSwapError('invalid-data', `${numbers[bad]} is not a number that can be learnt`, {
    file: file.path,
    node: `${array}, sample ${Math.floor(bad / each)}`,
    remedy: 'Leave out samples without a value: numpy.isfinite(target)',
  });
}
