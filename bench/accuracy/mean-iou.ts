import { argmax } from '../ocr/accuracy.ts';

/**
 * The mean over the classes of intersection over union, each counted over all pictures together, as
 * bench/models/train.py counts it. A class that neither side has is left out.
 * @param scores [N, classes, …positions]
 * @param labels [N, …positions], class numbers
 * @throws RangeError if the two do not fit
 */
export function meanIou(scores: Float32Array, labels: ArrayLike<number>, classes: number, pictures: number): number {
  const area = labels.length / pictures;
  if (!Number.isInteger(area) || scores.length !== labels.length * classes) {
    throw new RangeError(`${scores.length} scores of ${classes} classes for ${labels.length} labels`);
  }
  const [hits, predicted, actual] = [0, 1, 2].map(() => new Float64Array(classes)) as [Counts, Counts, Counts];
  const position = new Float32Array(classes);
  for (let i = 0; i < labels.length; i++) {
    const start = Math.floor(i / area) * classes * area + (i % area);
    for (let c = 0; c < classes; c++) position[c] = scores[start + c * area] as number;
    const guess = argmax(position, 0, classes);
    const label = labels[i] as number;
    if (guess === label) hits[label] = (hits[label] as number) + 1;
    predicted[guess] = (predicted[guess] as number) + 1;
    actual[label] = (actual[label] as number) + 1;
  }
  const ratios = Array.from(hits, (hit, c) => hit / ((predicted[c] as number) + (actual[c] as number) - hit));
  const counted = ratios.filter((ratio) => !Number.isNaN(ratio));
  return counted.reduce((sum, ratio) => sum + ratio, 0) / counted.length;
}

type Counts = Float64Array;
