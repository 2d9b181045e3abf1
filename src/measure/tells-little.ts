/** Whether what was compared is too little to tell one model from another. Loaded by whatever prints, so it asks for nothing else. */
import type { Kept } from './kept.ts';

/** Fewer classes or boxes than this say nothing either way. */
const FEWEST = 5;

type Compared = Pick<Kept, 'tasks'>;

export function tellsLittle(kept: Compared): boolean {
  return countsIn(kept).some((count) => count < FEWEST);
}

/** Whether one answer is all that was compared: one in ten is another where nine in ten are kept. */
export function isSingle(kept: Compared): boolean {
  return countsIn(kept).includes(1);
}

/** Of each task that counts them, its answers or boxes. */
function countsIn({ tasks }: Compared): number[] {
  return tasks.flatMap(({ figures }) => figures.answers ?? figures.boxes ?? []);
}
