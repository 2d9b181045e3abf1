/** The learning rate of each step: a linear warm-up, then a half cosine down to 0 (Loshchilov & Hutter, arXiv:1608.03983). */

/** Steps that the rate rises for: 5 %, but 100 at most. */
export function warmUpOf(steps: number): number {
  return Math.min(100, Math.floor(steps / 20));
}

/**
 * @param step from 1 to `steps`
 * @param peak the highest rate
 */
export function rateAt(step: number, steps: number, peak: number): number {
  const warmUp = warmUpOf(steps);
  if (step <= warmUp) return (peak * step) / (warmUp + 1);
  const progress = (step - 1 - warmUp) / (steps - warmUp);
  return (peak * (1 + Math.cos(Math.PI * progress))) / 2;
}
