/** The index of the largest of `length` numbers that start at `offset`; the first one if several are. */
export function argmax(scores: ArrayLike<number>, offset: number, length: number): number {
  let best = 0;
  for (let i = 1; i < length; i++) {
    if ((scores[offset + i] as number) > (scores[offset + best] as number)) best = i;
  }
  return best;
}

/**
 * The share of samples whose highest score is their label's.
 * @param scores [N, classes], softmax or not
 * @param labels [N]
 */
export function accuracy(scores: Float32Array, labels: ArrayLike<number>, classes = 2): number {
  const count = countSamples(scores, classes);
  if (labels.length !== count) throw new RangeError(`${labels.length} labels for ${count} samples`);
  let right = 0;
  for (let i = 0; i < count; i++) if (argmax(scores, i * classes, classes) === labels[i]) right++;
  return right / count;
}

/**
 * The share of samples that two models put into the same class.
 * @param a [N, classes]
 * @param b [N, classes]
 */
export function agreement(a: Float32Array, b: Float32Array, classes = 2): number {
  const count = countSamples(b, classes);
  return accuracy(
    a,
    Array.from({ length: count }, (_, i) => argmax(b, i * classes, classes)),
    classes,
  );
}

function countSamples(scores: Float32Array, classes: number): number {
  const count = scores.length / classes;
  if (count === 0 || !Number.isInteger(count)) {
    throw new RangeError(`${scores.length} scores are no whole number of samples of ${classes}`);
  }
  return count;
}
