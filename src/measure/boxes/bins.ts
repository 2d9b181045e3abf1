/**
 * Distances that a detector gives as a distribution over 0, 1, 2 … (Distribution Focal Loss, arXiv:2006.04388): a number is Σ k · softmax(z)ₖ.
 */

/** The distance that some numbers stand for: all, or so many of a longer list. */
export function meanOfBins(numbers: ArrayLike<number>, start = 0, bins = numbers.length - start): number {
  let [top, total, mean] = [Number.NEGATIVE_INFINITY, 0, 0];
  for (let bin = 0; bin < bins; bin++) top = Math.max(top, numbers[start + bin] as number);
  for (let bin = 0; bin < bins; bin++) {
    // From the largest down, as the exponential of a large number is none.
    const share = Math.exp((numbers[start + bin] as number) - top);
    total += share;
    mean += bin * share;
  }
  return mean / total;
}

/** The gradient by the numbers, from that by the distance: g · softmax(z)ₖ · (k − distance). */
export function gradientOfBins(numbers: ArrayLike<number>, gradient: number): number[] {
  const mean = meanOfBins(numbers);
  const all = Array.from(numbers);
  const top = all.reduce((known, it) => Math.max(known, it), Number.NEGATIVE_INFINITY);
  const shares = all.map((it) => Math.exp(it - top));
  const total = shares.reduce((sum, it) => sum + it, 0);
  return shares.map((share, bin) => (gradient * share * (bin - mean)) / total);
}
