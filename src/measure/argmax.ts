/** Which of some scores is the largest, the first of equal ones; `undefined` if one of them is NaN. @param stride from one to the next */
export function argmax(scores: ArrayLike<number>, start: number, count: number, stride: number): number | undefined {
  let best = 0;
  for (let i = 0; i < count; i++) {
    const score = scores[start + i * stride] as number;
    if (Number.isNaN(score)) return undefined;
    if (score > (scores[start + best * stride] as number)) best = i;
  }
  return best;
}
