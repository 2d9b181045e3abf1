/** The least of an input that still fails (delta debugging; A. Zeller and R. Hildebrandt, 2002). */

/**
 * Leaves out pieces, halves first and ever smaller ones, while what is left still fails.
 *
 * @param fails whether an input fails as the first one does
 * @param tries how often to ask at most
 */
export async function shrink(
  input: Uint8Array,
  fails: (input: Uint8Array) => Promise<boolean>,
  tries = 2000,
): Promise<Uint8Array> {
  let left = tries;
  let least = input;
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < least.length && left > 0; left--) {
      const shorter = Buffer.concat([least.subarray(0, at), least.subarray(at + size)]);
      if (await fails(shorter)) least = shorter;
      else at += size;
    }
  }
  return least;
}
