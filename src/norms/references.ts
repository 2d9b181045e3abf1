/**
 * Float64 references of samples, in arrays that are filled again and again.
 *
 * A sample is asked about several times: by what the file's own form answers alone and in a batch, and by what other forms do. And pages of
 * fresh memory take longer to get than to fill: references of the 94 norms of a detector at 800 × 608 were 2 GB.
 */
import { groupReference, roomFor } from './reference.ts';
import type { GroupedNorm, Reference, References, Referred } from './types.ts';

interface Arrays extends Pick<Reference, 'values' | 'magnitude'> {
  readonly bounds: Float64Array;
  /** Whose reference is in them. */
  owner: SampleReferences | undefined;
}

/** Weakly, as those of large maps take much memory. */
let kept: WeakRef<Arrays> | undefined;

function arraysFor(size: number): Arrays {
  const known = kept?.deref();
  if (known !== undefined && known.bounds.length >= size) return known;
  const made = { ...roomFor(size), bounds: new Float64Array(size), owner: undefined };
  kept = new WeakRef(made);
  return made;
}

/** The reference of the sample that was asked about last, until another has filled its arrays. Samples must not change in between. */
export class SampleReferences implements References {
  #last:
    | { readonly arrays: Arrays; readonly x: ArrayLike<number>; readonly norm: GroupedNorm; readonly of: Referred }
    | undefined;

  /**
   * Computes the reference of a sample, if it is another one than the last.
   *
   * @param norm told apart by identity
   * @param dims of the sample
   */
  of(x: ArrayLike<number>, dims: readonly number[], norm: GroupedNorm): Referred {
    const last = this.#last;
    if (last !== undefined && last.arrays.owner === this && last.norm === norm && isSame(last.x, x)) return last.of;
    const arrays = arraysFor(x.length);
    arrays.owner = this;
    const [values, magnitude, bounds] = [arrays.values, arrays.magnitude, arrays.bounds].map((it) =>
      it.subarray(0, x.length),
    ) as [Float64Array, Float64Array, Float64Array];
    const of = { reference: groupReference(x, dims, norm, { values, magnitude }), bounds };
    this.#last = { arrays, x, norm, of };
    return of;
  }
}

/** Whether two lists are the same numbers of the same memory. */
function isSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a === b) return true;
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return false;
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset && a.length === b.length;
}
