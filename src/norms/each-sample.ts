/** Elements of y one by one, for norms that compute each by itself; told sample by sample, so that little is held at a time. */
import type { Visit } from './types.ts';

/**
 * @param length elements of y, shape `dims` = [N, …]
 * @param of puts the exact value of the element with that index, and its bound
 */
export function eachSample(
  length: number,
  [samples = 1]: readonly number[],
  visit: Visit,
  of: (index: number, put: (reference: number, bound: number) => void) => void,
): void {
  if (length === 0) return;
  const size = length / samples;
  const references = new Float64Array(size);
  const bounds = new Float64Array(size);
  let at = 0;
  const put = (reference: number, bound: number) => {
    references[at] = reference;
    bounds[at] = bound;
  };
  for (let start = 0; start < length; start += size) {
    for (at = 0; at < size; at++) of(start + at, put);
    visit(start, references, bounds);
  }
}
