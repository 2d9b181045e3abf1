/** NumPy's .npz: a zip of .npy files, one an array. */
import { unzipSync, zipSync } from 'fflate';
import { type ErrorContext, GnSwapError } from '../errors.ts';
import { crc32Of } from '../host/node.ts';
import type { Value } from '../runtime/session.ts';
import { readNpy, writeNpy } from './npy.ts';

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
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes);
    checkEntries(bytes, Object.values(entries));
  } catch (cause) {
    const message = `it is not an .npz, or damaged: ${cause instanceof Error ? cause.message : cause}`;
    throw new GnSwapError('invalid-data', message, { ...place, remedy: 'Write it again with numpy.savez', cause });
  }
  const arrays = new Map<string, Value>();
  for (const [path, content] of Object.entries(entries)) {
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

/** Signature of the record that ends a zip, and the size of its fixed part (APPNOTE.TXT 4.3.16). */
const [END, END_SIZE] = [0x06054b50, 22];

/**
 * Throws where the bytes of an entry are not those that were written: fflate unpacks what was damaged without a word.
 * Each must have the CRC-32 of an entry of the zip's central directory (4.3.12); which one does not matter.
 */
function checkEntries(bytes: Uint8Array, contents: readonly Uint8Array[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = bytes.length - END_SIZE;
  while (view.getUint32(end, true) !== END) end--;
  const stored = new Set<number>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 8, true); left > 0; left--) {
    stored.add(view.getUint32(at + 16, true));
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  for (const content of contents) if (!stored.has(crc32Of(content))) throw new Error('its checksum is wrong');
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
