/** The state of a run that is not finished: replaced whole, so that a kill leaves the old one or the new one. */
import * as fs from 'node:fs';
import { codeOf, unwritable } from './errors.ts';

/** Bytes of a state; undefined if there is none. */
export function readState(file: string): Uint8Array | undefined {
  try {
    return new Uint8Array(fs.readFileSync(file));
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unwritable(file, cause);
  }
}

/** @throws GnSwapError `unwritable`; the old state is then still there */
export async function writeState(file: string, bytes: Uint8Array): Promise<void> {
  const next = `${file}.next`;
  try {
    const handle = await fs.promises.open(next, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.promises.rename(next, file);
  } catch (cause) {
    fs.rmSync(next, { force: true });
    throw unwritable(file, cause);
  }
}

/** Removes a state, and what a killed run began of the next. */
export function removeState(file: string): void {
  fs.rmSync(file, { force: true });
  fs.rmSync(`${file}.next`, { force: true });
}
