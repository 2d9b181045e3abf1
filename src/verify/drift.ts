/** Which drift means something: numbers are compared place by place, so the places must be the same in both models. */
import type { Drift } from '../measure/drift.ts';
import type { Kept } from '../measure/kept.ts';
import type { TaskName } from '../measure/tasks/types.ts';
import { driftDetail, exceptByData, sourceNaN, tooFar } from './sentences.ts';
import type { Check } from './verification.ts';

/** Tasks whose outputs hold a number for each class. */
const HAS_CLASSES: ReadonlySet<TaskName> = new Set(['classify', 'segment']);

/**
 * Leaves out what says nothing about a rewritten model.
 *
 * 1. Outputs whose number of rows depends on the data: row 3 of the one is another object than row 3 of the other.
 * 2. The share of equal largest classes, where the output was not taken for classes: of boxes or plain values it is a number without meaning.
 *
 * @param byData names of the outputs of (1)
 * @param kept what the outputs were taken for; undefined if they were not judged
 */
export function comparableDrift(
  drift: readonly Drift[],
  byData: ReadonlySet<string>,
  kept: Kept | undefined,
): readonly Drift[] {
  const others = new Set(kept?.tasks.flatMap(({ task, outputs }) => (HAS_CLASSES.has(task) ? [] : outputs)));
  return drift
    .filter(({ output }) => !byData.has(output))
    .map((it) => (others.has(it.output) ? { ...it, argmax: null } : it));
}

/** What is known when drift is judged. */
export interface DriftFacts {
  readonly drift: readonly Drift[];
  /** Outputs that could not be compared. */
  readonly unknown: readonly string[];
  readonly byData: ReadonlySet<string>;
  /** The largest that passes; undefined if the caller set no limit. */
  readonly most: number | undefined;
  /** What came of the promise that the norm computes the source's function; undefined if it makes none. */
  readonly promise: { readonly kept: boolean; readonly detail: string } | undefined;
  /** Whether inputs were made, and not given. */
  readonly isMade: boolean;
}

/** Whether there was something to compare: not where the source itself gives nothing but NaN. */
export function isCompared(drift: Drift): boolean {
  return drift.sourceNaN !== 1;
}

/** The check of drift: without a limit and a promise there is nothing that could fail, so it is told and not ticked. */
export function driftCheck({ drift: all, unknown, byData, most, promise, isMade }: DriftFacts): Check {
  const name = 'drift';
  const drift = all.filter(isCompared);
  const ofSource = sourceNaN(all, isMade);
  const also = ofSource === undefined ? '' : `. ${ofSource}`;
  if (most === undefined && promise === undefined) {
    return { name, status: 'skipped', detail: `${driftDetail(unknown, byData)}${also}` };
  }
  const isUnknown = drift.length < all.length;
  const overLimit =
    most === undefined
      ? undefined
      : (tooFar(drift, unknown, most, byData) ?? (isUnknown ? `the drift is unknown${also}` : undefined));
  const failure = promise?.kept === false ? promise.detail : overLimit;
  if (failure !== undefined) return { name, status: 'failed', detail: failure };
  // Nothing of such an output was tested.
  if (isUnknown) return { name, status: 'skipped', detail: `not judged${also}` };
  const within = `no output drifts by more than ${most}${exceptByData(byData)}`;
  return { name, status: 'passed', detail: `${most === undefined ? (promise?.detail ?? '') : within}${also}` };
}
