/** NumPy's .npz: a zip of .npy files, one an array. */
import { zipSync } from 'fflate';
import { type ErrorContext, GnSwapError } from '../errors.ts';
import type { Value } from '../runtime/session.ts';
import { readNpy, writeNpy } from './npy.ts';
import { readZip } from './zip.ts';

const EXTENSION = '.npy';
/** Written as every entry's time, so that equal arrays give equal bytes; the first day that zip can tell. */
const TIME = new Date(1980, 0, 1);

/**
 * The arrays of a .npz file, by name, in the order of the file. Types and orders as {@link readNpy} has them.
 * @param file what to name in an error
 * @throws GnSwapError `invalid-data` naming the file and the array: no zip, no array in it, or one that can't be read
 */
export function readNpz(bytes: Uint8Array, file?: string): Map<string, Value> {
  const place: ErrorContext = file === undefined ? {} : { file };
  let entries: ReadonlyMap<string, Uint8Array>;
  try {
    entries = readZip(bytes);
  } catch (cause) {
    const message = `it is not an .npz, or damaged: ${cause instanceof Error ? cause.message : cause}`;
    throw new GnSwapError('invalid-data', message, { ...place, remedy: 'Write it again with numpy.savez', cause });
  }
  const arrays = new Map<string, Value>();
  for (const [path, content] of entries) {
    if (path.endsWith('/')) continue;
    if (!path.endsWith(EXTENSION)) {
      const remedy = 'Remove everything that numpy.savez did not write';
      throw new GnSwapError('invalid-data', 'it is not an .npy array', { ...place, node: path, remedy });
    }
    const node = path.slice(0, -EXTENSION.length);
    arrays.set(node, readNpy(content, { ...place, node }));
  }
  if (arrays.size === 0) {
    throw new GnSwapError('invalid-data', 'it holds no arrays', {
      ...place,
      remedy: 'Write them with numpy.savez(path, name=array)',
    });
  }
  return arrays;
}

/**
 * A .npz file. The same arrays give the same bytes.
 * @param arrays by name
 * @param compress whether to spend time on a smaller file; default true
 * @throws GnSwapError `invalid-data` naming the array where NumPy has no such type or the data do not fill the shape
 */
export function writeNpz(arrays: ReadonlyMap<string, Value>, compress = true): Uint8Array {
  const entries = [...arrays].map(([node, value]) => [node + EXTENSION, writeNpy(value, { node })] as const);
  return zipSync(Object.fromEntries(entries), { mtime: TIME, level: compress ? 6 : 0 });
}
