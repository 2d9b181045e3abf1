/** Hashes of bytes and texts, by FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo, http://www.isthe.com/chongo/tech/comp/fnv/). */

/** What the hash of nothing is. */
export const FIRST_HASH = 0x811c9dc5 | 0;
/** What each step multiplies by. */
export const FACTOR = 0x01000193;

/** The hash of what came before, and of the bytes from `start` to `end` behind it. */
export function hashOn(before: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = before;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), FACTOR);
  return hash;
}

/** A place in a table of `mask` + 1 places. The low bits of the hash depend on the low bits of the text alone, so higher ones are mixed in. */
export function placeOf(hash: number, mask: number): number {
  return (hash ^ (hash >>> 15)) & mask;
}
