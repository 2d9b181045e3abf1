/** Whether a model loads at all. */
import type { GnSwapError } from '../errors.ts';
import { openSession, runtimeFailure, type SessionSettings } from './session.ts';

/** The runtime's refusal of a model, given as a path or as the bytes of a file; `undefined` where it loads it. */
export async function loadFailure(
  file: string | Uint8Array,
  settings: SessionSettings,
): Promise<GnSwapError | undefined> {
  try {
    const session = await openSession(file, settings);
    await session.close();
    return undefined;
  } catch (error) {
    return runtimeFailure(error);
  }
}
