import { readFileSync } from 'node:fs';
import type { InferenceSession } from 'onnxruntime-node';
import { argmax } from './accuracy.ts';
import { KEYS, run } from './models.ts';

/** The recogniser's classes in order: the blank (''), the keys file's characters, a space. */
export function readKeys(path = KEYS): string[] {
  const keys = readFileSync(path, 'utf8').replace(/\n$/, '').split(/\r?\n/);
  return ['', ...keys, ' '];
}

/**
 * Greedy CTC: the likeliest class of each step, repetitions joined, then blanks (class 0) left out.
 * @param scores [N, steps, keys.length]
 * @returns N readings
 */
export function decode(scores: Float32Array, steps: number, keys: readonly string[]): string[] {
  const classes = keys.length;
  const count = scores.length / (steps * classes);
  if (!Number.isInteger(count)) {
    throw new RangeError(`${scores.length} scores are not whole lines of ${steps} × ${classes}`);
  }
  return Array.from({ length: count }, (_, line) => {
    let text = '';
    let previous = 0;
    for (let step = 0; step < steps; step++) {
      const best = argmax(scores, (line * steps + step) * classes, classes);
      if (best !== previous) text += keys[best];
      previous = best;
    }
    return text;
  });
}

/**
 * Reads all lines. Scores are decoded batch by batch: a line has 6625 of them a step, a megabyte
 * at a width of 320 pixels.
 * @param data [N, …dims]
 * @param dims the shape of one line, [3, 48, width]
 */
export async function recognise(
  session: InferenceSession,
  data: Float32Array,
  dims: readonly number[],
  batch = 8,
): Promise<string[]> {
  const keys = readKeys();
  const stride = batch * dims.reduce((product, dim) => product * dim, 1);
  const readings: string[] = [];
  for (let from = 0; from < data.length; from += stride) {
    const scores = await run(session, data.subarray(from, from + stride), dims, batch);
    readings.push(...decode(scores.data, scores.dims[1] as number, keys));
  }
  return readings;
}

/**
 * How alike two readings of the same lines are, character by character: the mean over the lines of
 * 1 − edit distance / longer length. 1 is equal, 0 shares nothing. Spaces are not counted, as in
 * PaddleOCR's own metric (`norm_edit_dis` of its RecMetric): the Chinese recogniser leaves many out.
 */
export function characterAgreement(a: readonly string[], b: readonly string[]): number {
  return mean(a, b, (x, y) => {
    const longer = Math.max(x.length, y.length);
    return longer === 0 ? 1 : 1 - editDistance(x, y) / longer;
  });
}

/** The share of lines that two readings have equal to the last character, spaces not counted. */
export function lineAgreement(a: readonly string[], b: readonly string[]): number {
  return mean(a, b, (x, y) => (x.join('') === y.join('') ? 1 : 0));
}

function mean(a: readonly string[], b: readonly string[], alike: (x: string[], y: string[]) => number): number {
  if (a.length === 0 || a.length !== b.length) {
    throw new RangeError(`${a.length} readings against ${b.length}`);
  }
  const sum = a.reduce((total, text, i) => total + alike(inked(text), inked(b[i] as string)), 0);
  return sum / a.length;
}

function inked(text: string): string[] {
  return [...text].filter((character) => character !== ' ');
}

/** Levenshtein's, one row of the table at a time. */
function editDistance(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  a.forEach((character, i) => {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] as number) + (character === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  });
  return row[b.length] as number;
}
