/** Whether a difference that was measured on a few samples is more than chance makes. */

/** What one of two has more than the other, sample by sample; samples that either could not be judged on are left out. */
export function differencesOf(own: readonly (number | null)[], other: readonly (number | null)[]): number[] {
  return own.flatMap((it, index) => {
    const beside = other[index] ?? null;
    return it === null || beside === null ? [] : [it - beside];
  });
}

/** Tells whether the mean of differences is above 0 by more than chance: Student's t at 97.5 %. */
export function isBeyondChance(differences: readonly number[]): boolean {
  const count = differences.length;
  // Of one sample nothing says how far chance goes.
  if (count < 2) return false;
  const mean = differences.reduce((sum, it) => sum + it / count, 0);
  const variance = differences.reduce((sum, it) => sum + (it - mean) ** 2 / (count - 1), 0);
  return mean > clearly(count) * Math.sqrt(variance / count);
}

/**
 * Standard errors that a difference of so many samples has to have, by the first terms of the expansion of Student's t in 1/ν
 * (Abramowitz & Stegun 26.7.5): 2.13 for 16 samples.
 */
function clearly(samples: number): number {
  const freedom = samples - 1;
  return 1.96 + 2.372 / freedom + 2.823 / freedom ** 2;
}
