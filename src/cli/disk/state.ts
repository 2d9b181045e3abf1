/** The state of a run that is not finished: replaced whole, so that a kill leaves the old one or the new one. */
import * as fs from 'node:fs';
import { codeOf, unreadable, unwritable } from './errors.ts';

/** Bytes of a state; undefined if there is none. */
export function readState(file: string): Uint8Array | undefined {
  try {
    return new Uint8Array(fs.readFileSync(file));
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unreadable(file, cause);
  }
}

/** States that are being written: a signal must clear them away. */
const writing = new Set<string>();

/** Removes what was begun of a state; for when the process is about to end. The old state is still there. */
export function discardStates(): void {
  for (const next of writing) fs.rmSync(next, { force: true });
}

/** @throws GnSwapError `unwritable`; the old state is then still there */
export async function writeState(file: string, bytes: Uint8Array): Promise<void> {
  const next = `${file}.next`;
  writing.add(next);
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
  } finally {
    writing.delete(next);
  }
}

/** Removes a state, and what a killed run began of the next. */
export function removeState(file: string): void {
  fs.rmSync(file, { force: true });
  fs.rmSync(`${file}.next`, { force: true });
}
