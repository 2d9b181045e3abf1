/** What a site alone is run on. */

import { sizeOf } from '../inputs/generated.ts';
import { Random } from '../inputs/random.ts';
import { part } from '../norms/roundoff.ts';
import { DataType } from '../onnx/data-type.ts';
import type { SitePlan } from '../plan/index.ts';
import { typed } from '../runtime/half.ts';
import { numbersOf, type Value } from '../runtime/session.ts';

/** Normal numbers from one seed, made once for all who begin with the first of them. */
export class Noise {
  readonly #random: Random;
  #numbers = new Float64Array(0);

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** So many of them, or more. */
  first(count: number): Float64Array {
    const known = this.#numbers.length;
    if (known >= count) return this.#numbers;
    const more = new Float64Array(count);
    more.set(this.#numbers);
    for (let i = known; i < count; i++) more[i] = this.#random.normal();
    this.#numbers = more;
    return more;
  }
}

/** Two different samples: the first one, and a noisy, shifted copy of it. The second of the input may be the first again. */
export function pairOf(x: Value, noise: Noise): Value {
  const numbers = numbersOf(sample(x, 0)) as ArrayLike<number>;
  const isFloat = x.type === DataType.FLOAT;
  const both = isFloat ? new Float32Array(2 * numbers.length) : new Float64Array(2 * numbers.length);
  both.set(numbers);
  const normal = noise.first(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    both[numbers.length + i] = 1 - 0.5 * (numbers[i] as number) + (normal[i] as number);
  }
  return { type: x.type, dims: [2, ...x.dims.slice(1)], data: isFloat ? both : typed(x.type, both) };
}

/** One sample of a batch, as a batch of one. */
export function sample({ type, dims, data }: Value, index: number): Value {
  const size = sizeOf({ dims }) / (dims[0] || 1);
  const range = part(data as ArrayLike<number>, index * size, (index + 1) * size);
  return { type, dims: [1, ...dims.slice(1)], data: range };
}

/** An input whose channels have the running mean and variance of the source's norm. */
export function madeInput({ site, channels }: SitePlan, seed: number): Value {
  const random = new Random(seed);
  const open = site.shape?.length === 2 ? [] : [7, 5, 4];
  const rank = site.shape?.length ?? 4;
  const dims = [2, channels, ...open.slice(0, rank - 2)].map((dim, axis) =>
    // Not of no elements, whatever the file states: kernels divide by their number.
    axis < 2 ? dim : site.shape?.[axis] || dim,
  );
  const { mean, variance } = site.statistics;
  const area = sizeOf({ dims: dims.slice(2) });
  const values = Float64Array.from({ length: sizeOf({ dims }) }, (_, i) => {
    const channel = Math.floor(i / area) % channels;
    return (mean[channel] as number) + Math.sqrt(variance[channel] as number) * random.normal();
  });
  return { type: site.elementType, dims, data: typed(site.elementType, values) };
}
