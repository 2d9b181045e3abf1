/** Samples in the order of an epoch, grouped into steps, and loaded ahead of their turn. */
import type { Example, LabelledData } from '../inputs/labelled/types.ts';
import { Random } from '../inputs/random.ts';

/** Samples of one run: of equal shapes. */
export type Run = readonly number[];

export interface StepSizes {
  /** Samples that share a run. */
  readonly batch: number;
  /** Runs whose gradients are averaged before parameters change. */
  readonly accumulate: number;
}

/** The numbers of all samples. */
export function samplesOf(data: Pick<LabelledData, 'count'>): number[] {
  return Array.from({ length: data.count }, (_, sample) => sample);
}

/** A seed for one thing of many: numbers that differ in one place give unrelated seeds. */
export function seedOf(...parts: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    hash = Math.imul(hash ^ part, 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  }
  return (hash ^ (hash >>> 13)) >>> 0;
}

/**
 * Orders samples for an epoch, and groups them. What is left over of a shape is run one by one, in one step.
 *
 * @returns steps, each of which has one run or more
 */
export function stepsOf(
  data: LabelledData,
  samples: readonly number[],
  { batch, accumulate }: StepSizes,
  seed: number,
): Run[][] {
  const order = new Random(seed).shuffle([...samples]);
  const runs: Run[] = [];
  const open = new Map<string, number[]>();
  for (const sample of order) {
    const key = data.keyOf(sample);
    const run = open.get(key) ?? [];
    run.push(sample);
    if (run.length === batch) {
      runs.push(run);
      open.delete(key);
    } else open.set(key, run);
  }
  const steps: Run[][] = [];
  for (let at = 0; at < runs.length; at += accumulate) steps.push(runs.slice(at, at + accumulate));
  const rest = [...open.values()].flat().map((sample): Run => [sample]);
  const size = batch * accumulate;
  for (let at = 0; at < rest.length; at += size) steps.push(rest.slice(at, at + size));
  return steps;
}

/** How many steps are loaded before they are wanted: pictures are decoded while the model computes. */
export const AHEAD = 3;

/** Loads what each item names, in order, a few ahead: `most` at a time. */
export async function* ahead<T, R>(
  items: readonly T[],
  load: (item: T) => Promise<R>,
  most = AHEAD,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  try {
    for (const item of items) {
      pending.push(load(item));
      if (pending.length > most) yield (await pending.shift()) as R;
    }
    while (pending.length > 0) yield (await pending.shift()) as R;
  } finally {
    // Whoever stops early leaves loads behind whose failures concern nobody.
    for (const it of pending) it.catch(() => undefined);
  }
}

/** Loads the samples of a step, changed by `change`. */
export function loadStep(
  data: LabelledData,
  step: readonly Run[],
  change: (example: Example, sample: number) => Example,
): Promise<Example[][]> {
  return Promise.all(
    step.map((run) => Promise.all(run.map(async (sample) => change(await data.load(sample), sample)))),
  );
}
