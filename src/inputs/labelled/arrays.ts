/** .npz files that hold inputs and what the model should answer to them. */
import { GnSwapError } from '../../errors.ts';
import { numbersIn, type Value, type Values } from '../../runtime/session.ts';
import { arraySamples, type Sample } from '../arrays.ts';
import { sizeOf } from '../generated.ts';
import { readNpz } from '../npz.ts';
import { arrayBytes, arrayCache } from '../sources.ts';
import type { DataFile, Folder } from './folder.ts';
import type { LayoutContext } from './layout.ts';

/** Bytes of arrays that stay in memory: samples are wanted in random order, and unpacking a file for each would take most of the time. */
export const KEPT_ARRAYS = 512 * 2 ** 20;

/** A file of arrays whose inputs fit the model. */
export interface ArrayFile {
  readonly file: DataFile;
  readonly samples: readonly (Sample & { readonly shape: string })[];
  /** Names of all arrays. */
  readonly names: readonly string[];
  /** An array with an entry for each sample; throws `invalid-data` if it is not there, or has another count. */
  target(name: string): Value;
}

/** Tells whether a folder has nothing but arrays. */
export function hasArrays({ files }: Folder): boolean {
  return files.some(({ inner }) => /\.npz$/i.test(inner));
}

/** Opens the .npz files of a folder. Those that cannot be read, or do not fit the model, are noted and left out. */
export async function openArrays(context: LayoutContext): Promise<ArrayFile[]> {
  const open = arrayOpener(context);
  const opened: ArrayFile[] = [];
  for (const file of context.folder.files.filter(({ inner }) => /\.npz$/i.test(inner))) {
    try {
      opened.push(await open(file));
    } catch (error) {
      if (!(error instanceof GnSwapError)) throw error;
      context.skip(file, error);
    }
  }
  return opened;
}

/** Opens files of arrays, and keeps those that were wanted last. @returns what throws if a file cannot be read, or does not fit the model; `arrays` reads another file than an .npz */
export function arrayOpener({
  model,
  options,
  reader,
  hold,
}: LayoutContext): (file: DataFile, arrays?: () => Values) => Promise<ArrayFile> {
  const { arrays: kept = KEPT_ARRAYS } = options;
  const cached = arrayCache(kept);
  let [all, largest, held] = [0, kept, 0];
  return async (file, arrays = () => Object.fromEntries(readNpz(reader.read(file.path), file.path))) => {
    const read = () => cached(file.path, arrays);
    const size = arrayBytes(read());
    const samples = arraySamples(file.path, read, model);
    const keyed = await Promise.all(samples.map(async (sample) => ({ ...sample, shape: await sample.key() })));
    [all, largest] = [all + size, Math.max(largest, size)];
    hold(Math.min(all, largest) - held);
    held = Math.min(all, largest);
    const target = (name: string) => targetOf(read(), name, samples.length, file.path);
    return { file, samples: keyed, names: Object.keys(read()), target };
  };
}

/** Numbers of an entry of an array, and their shape without the axis that counts entries. */
export interface Entry {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

/** An entry of an array. Halves are decoded: their bits are whole numbers, and would pass for others. */
export function entryOf({ type, dims, data }: Value, row: number): Entry {
  const rest = dims.slice(1);
  const size = sizeOf({ dims: rest });
  const own = (data as Float32Array).slice(row * size, (row + 1) * size);
  return { dims: rest, data: numbersIn({ type, dims: rest, data: own }) };
}

function targetOf(values: Values, name: string, count: number, file: string): Value {
  const value = values[name];
  if (value === undefined) {
    throw new GnSwapError('invalid-data', `it has no array ${JSON.stringify(name)}`, {
      file,
      remedy: `Write it beside the inputs: numpy.savez(path, **inputs, **{${JSON.stringify(name)}: labels})`,
    });
  }
  if (value.dims[0] === count) return value;
  // A file that holds one sample may leave out the axis that counts them.
  if (count === 1) return { ...value, dims: [1, ...value.dims] };
  throw new GnSwapError('invalid-data', `it holds ${count} samples and ${value.dims[0] ?? 1} targets`, {
    file,
    node: name,
    remedy: 'Write one target for each sample, along the first axis',
  });
}
