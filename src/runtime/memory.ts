import { availableMemory } from '../host/node.ts';

/** So long it is taken as it was, in milliseconds: asking the system takes up to 8, and a job asks several times in a row. */
const FRESH = 1000;

let known = { bytes: 0, at: Number.NEGATIVE_INFINITY };

/** Bytes that values may take where the user sets no limit: a quarter of what the system, or the container, has to give. */
export function defaultMemory(): number {
  const now = performance.now();
  if (now - known.at > FRESH) known = { bytes: availableMemory(), at: now };
  return known.bytes / 4;
}
