/** Why it is not known how much of a model's behaviour is kept. Apart, as reports need no more. */
import type { Kept } from './kept.ts';

/** Why nothing is known, as a phrase. */
export function whyUnknown(kept: Kept | undefined): string {
  if (kept === undefined) return 'random input says nothing about accuracy';
  return kept.tasks[0]?.detail ?? 'no output can be judged';
}
