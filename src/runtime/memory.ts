import { availableMemory } from '../host/node.ts';

/** Bytes that values may take where the user sets no limit: a quarter of what the system, or the container, has to give. */
export function defaultMemory(): number {
  return availableMemory() / 4;
}
