/** A norm's elements, told one by one. */
import type { Visit } from '../../src/norms/types.ts';

export function byElement(at: (index: number, reference: number, bound: number) => void): Visit {
  return (start, references, bounds) => {
    for (const [index, reference] of references.entries()) at(start + index, reference, bounds[index] as number);
  };
}
