/** Readers of text: what is read is not the class of each step, but the text that the steps spell. */

/**
 * Spells the text of a row of steps as readers trained by connectionist temporal classification mean it: the largest class of each
 * step, repeated classes once, and the blank left out (greedy decoding; Graves et al. 2006).
 *
 * @param steps the largest class of each step
 * @returns the classes that are left
 */
export function greedyText(steps: readonly number[], blank: number): number[] {
  return steps.filter((step, index) => step !== blank && step !== steps[index - 1]);
}

/** Steps of one output: [n, T, K] has n texts; [T, 1, K], as PyTorch has it, one. */
export function textsIn(classes: readonly number[], [rows = 1, steps = 1]: readonly number[]): number[][] {
  const length = steps === 1 ? rows : steps;
  const count = length === 0 ? 0 : classes.length / length;
  return Array.from({ length: count }, (_, text) => classes.slice(text * length, (text + 1) * length));
}

/** How many pairs of texts are equal, of those that are not empty in both. */
export function equalTexts(
  pairs: readonly (readonly [readonly number[], readonly number[]])[],
  blank: number,
): { readonly texts: number; readonly same: number } {
  const spelled = pairs.map(([a, b]) => [greedyText(a, blank).join(' '), greedyText(b, blank).join(' ')] as const);
  const read = spelled.filter(([a, b]) => a !== '' || b !== '');
  return { texts: read.length, same: read.filter(([a, b]) => a === b).length };
}
