/**
 * What detectors give beside a box: masks and keypoints, in outputs with a row for each box. They are compared for boxes that were
 * matched, so that a lost box counts once.
 *
 * 1. Masks, [n, 1, H, W] or [n, H, W] of numbers from 0 to 1: intersection over union of what both put above 0.5, mean over pairs.
 * 2. Keypoints, [n, K, 2] or [n, K, 3]: the share that moved by less than a tenth of the diagonal of the source's box.
 */

import { part } from '../../norms/roundoff.ts';
import { isFloat } from '../../onnx/data-type.ts';
import { numbersOf, type Value, type Values } from '../../runtime/session.ts';
import type { Output } from '../tasks/types.ts';
import type { Box } from './box.ts';
import type { Pair } from './match.ts';

const THERE = 0.5;
const NEAR = 0.1;

/** What a row of an output is. */
export type Beside = 'masks' | 'keypoints';

/** Tells what an output with a row for each box holds; undefined if it is neither, such as scores of keypoints. */
export function besideOf({ type, dims }: Pick<Output, 'type' | 'dims'>): Beside | undefined {
  if (!isFloat(type) || dims.length < 3) return undefined;
  const last = dims.at(-1) ?? 0;
  if (dims.length === 3 && (last === 2 || last === 3)) return 'keypoints';
  const isMap = dims.length === 3 || (dims.length === 4 && dims[1] === 1);
  return isMap && last > 3 && (dims.at(-2) ?? 0) > 3 ? 'masks' : undefined;
}

/** Shares from 0 to 1; `null` if nothing of the kind was compared. */
export type BesideFigures = Readonly<Record<Beside, number | null>>;

/** Compares what stands beside boxes of the same object. */
export class BesideMeter {
  readonly #outputs: readonly { readonly name: string; readonly kind: Beside }[];
  readonly #sums: Record<Beside, { sum: number; count: number }> = {
    masks: { sum: 0, count: 0 },
    keypoints: { sum: 0, count: 0 },
  };

  constructor(outputs: readonly Output[]) {
    this.#outputs = outputs.flatMap((it) => {
      const kind = besideOf(it);
      return kind === undefined ? [] : [{ name: it.name, kind }];
    });
  }

  /** Names of the outputs that are compared. */
  get outputs(): readonly string[] {
    return this.#outputs.map(({ name }) => name);
  }

  add(pairs: readonly Pair[], source: Values, rewritten: Values): void {
    for (const { name, kind } of this.#outputs) {
      const [a, b] = [tableOf(source[name]), tableOf(rewritten[name])];
      if (a === undefined || b === undefined) continue;
      for (const [before, after] of pairs) {
        const [own, other] = [rowOf(a, before.place), rowOf(b, after.place)];
        if (own.length === 0 || own.length !== other.length) continue;
        const share = kind === 'masks' ? overlapOf(own, other) : nearOf(own, other, a.width, before.box);
        if (share === undefined) continue;
        this.#sums[kind].sum += share;
        this.#sums[kind].count++;
      }
    }
  }

  result(): BesideFigures {
    const mean = ({ sum, count }: { sum: number; count: number }) => (count === 0 ? null : sum / count);
    return { masks: mean(this.#sums.masks), keypoints: mean(this.#sums.keypoints) };
  }
}

/** The numbers of an output, so many a row, the last axis of them so wide. */
interface Table {
  readonly numbers: ArrayLike<number>;
  readonly size: number;
  readonly width: number;
}

function tableOf(value: Value | undefined): Table | undefined {
  if (value === undefined) return undefined;
  const numbers = numbersOf(value);
  if (numbers === undefined) return undefined;
  const size = value.dims.slice(1).reduce((product, dim) => product * dim, 1);
  return { numbers, size, width: value.dims.at(-1) ?? 2 };
}

/** A view: masks of a picture have a million numbers, and there are a hundred. */
function rowOf({ numbers, size }: Table, row: number): ArrayLike<number> {
  return part(numbers, row * size, (row + 1) * size);
}

/** Undefined if neither mask has anything. */
function overlapOf(a: ArrayLike<number>, b: ArrayLike<number>): number | undefined {
  let [both, either] = [0, 0];
  for (let at = 0; at < a.length; at++) {
    const [inA, inB] = [(a[at] as number) > THERE, (b[at] as number) > THERE];
    if (inA && inB) both++;
    if (inA || inB) either++;
  }
  return either === 0 ? undefined : both / either;
}

function nearOf(a: ArrayLike<number>, b: ArrayLike<number>, width: number, [x0, y0, x1, y1]: Box): number {
  const reach = NEAR * Math.hypot(x1 - x0, y1 - y0);
  let near = 0;
  for (let at = 0; at < a.length; at += width) {
    const moved = Math.hypot((a[at] as number) - (b[at] as number), (a[at + 1] as number) - (b[at + 1] as number));
    if (moved <= reach) near++;
  }
  return near / (a.length / width);
}
