/** Arrays → NumPy's .npz. Apart from reading, as the package that packs them takes 4 ms to begin with. */
import { zipSync } from 'fflate';
import type { Value } from '../runtime/session.ts';
import { writeNpy } from './npy.ts';
import { EXTENSION } from './npz.ts';

/** Written as every entry's time, so that equal arrays give equal bytes; the first day that zip can tell. */
const TIME = new Date(1980, 0, 1);

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
