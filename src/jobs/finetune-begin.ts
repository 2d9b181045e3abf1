/** Where training begins, and whether it gained anything. */
import type { LabelledData } from '../inputs/labelled/types.ts';
import type { FitState, Fitted } from '../train/fit-types.ts';
import { beginNumbers } from '../train/head/begin-numbers.ts';
import type { Trainer } from '../train/trainer.ts';
import type { PreparedTask } from '../train/types.ts';

interface BeginOptions {
  readonly seed: number;
  readonly resume?: FitState | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Fits last layers that are far from the numbers which they should answer. A run that goes on has begun. @returns what was done, a sentence for each layer */
export async function begin(
  trainer: Trainer,
  task: PreparedTask,
  data: LabelledData,
  { seed, resume, signal }: BeginOptions,
): Promise<readonly string[]> {
  if (task.distances === undefined || resume !== undefined) return [];
  const { parts } = trainer.layout;
  const begun = await beginNumbers(trainer.model(), data, task.distances, {
    parts,
    theta: trainer.first,
    seed,
    signal,
  });
  if (begun === undefined) return [];
  trainer.restore({ theta: begun.theta });
  return begun.notes;
}

/** Whether there is something to write: an epoch that was better than none, or a beginning that no epoch was better than. */
export function isGained({ bestEpoch, best, history, stopped }: Fitted, { first }: Pick<Trainer, 'first'>): boolean {
  if (bestEpoch > 0) return true;
  if (history.length < 2 || (typeof stopped === 'object' && stopped !== null)) return false;
  return best.some((value, index) => value !== first[index]);
}
