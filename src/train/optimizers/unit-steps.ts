/**
 * Steps of some parameters in a unit of their own. The steps of AdamW are about as long as the rate, whatever the loss; a last layer that answers
 * prices needs longer ones, one that answers thousandths shorter ones. In its unit it moves as a layer does whose answers have a deviation of 1.
 */
import type { Part } from '../../gradient/flat.ts';

/** By the name of a parameter, its unit. */
export type Units = ReadonlyMap<string, number>;

/**
 * Remembers parameters before a step.
 *
 * @param keptOf what a step multiplies a parameter by, apart from what it adds: weight decay knows no unit
 * @returns what brings their steps to their units, once the step was taken
 */
export function unitSteps(
  theta: Float32Array,
  parts: readonly Part[],
  units: Units,
  keptOf: (part: Part) => number,
): () => void {
  const before = parts.flatMap((part) => {
    const unit = units.get(part.name);
    if (unit === undefined) return [];
    const { offset, dims } = part;
    const size = dims.reduce((product, dim) => product * dim, 1);
    return [{ unit, offset, kept: keptOf(part), own: theta.slice(offset, offset + size) }];
  });
  return () => {
    for (const { unit, offset, kept, own } of before) {
      for (let i = 0; i < own.length; i++) {
        const still = kept * (own[i] as number);
        theta[offset + i] = still + unit * ((theta[offset + i] as number) - still);
      }
    }
  };
}
