/** NumPy's .npz: a zip of .npy files, one an array. */
import { type ErrorContext, GnSwapError } from '../errors.ts';
import type { Value } from '../runtime/session.ts';
import { readNpy } from './npy.ts';
import { readZip } from './zip.ts';

/** Of the files in it. */
export const EXTENSION = '.npy';

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
