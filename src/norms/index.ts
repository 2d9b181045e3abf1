/** The norms, by name. */
import { group } from './group.ts';
import type { Norm } from './types.ts';

export const NORMS: readonly Norm[] = [group];

/** The norm of that name, which must be one of {@link NORMS}. */
export function normNamed(name: string): Norm {
  return NORMS.find((norm) => norm.name === name) as Norm;
}
