/** Whether what was compared is too little to tell one model from another. Loaded by whatever prints, so it asks for nothing else. */
import type { Kept } from './kept.ts';

/** Fewer classes or boxes than this say nothing either way. */
const FEWEST = 5;

export function tellsLittle({ tasks }: Pick<Kept, 'tasks'>): boolean {
  return tasks.some(({ figures }) => (figures.answers ?? figures.boxes ?? FEWEST) < FEWEST);
}
