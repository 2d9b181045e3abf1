/**
 * Pixels → another size, as sharp does it: Lanczos with three lobes to make a picture smaller, Catmull-Rom's cubic to make it larger
 * (libvips: reduceh.cpp, resize.c, interpolate.c). Made smaller than a quarter, it is first a mean of whole pixels (shrinkh.c). A canvas has filters of its own, and γ and β that are solved from a picture would
 * depend on the browser.
 */

/** What of a row or column each new pixel is made of. */
interface Taps {
  /** By new pixel: where its weights begin, and the first old pixel that they are for. */
  readonly first: Int32Array;
  readonly count: number;
  /** `count` of them for each new pixel; their sum is 1. */
  readonly weights: Float64Array;
}

/** A filter, and how far it reaches. */
interface Kernel {
  readonly reach: number;
  at(distance: number): number;
}

const LANCZOS: Kernel = {
  reach: 3,
  at(distance) {
    if (distance === 0) return 1;
    const x = Math.PI * distance;
    return (3 * Math.sin(x) * Math.sin(x / 3)) / (x * x);
  },
};

const CATMULL_ROM: Kernel = {
  reach: 2,
  at(distance) {
    const x = Math.abs(distance);
    return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
  },
};

/**
 * @param from size of the old picture; of one that was shrunk before, with the fraction that was lost to whole pixels
 * @param factor old pixels for each new one. Where a picture keeps its shape it is the same in both directions, so that it may differ
 *   from the sizes' by rounding
 */
function tapsOf(from: number, to: number, factor: number): Taps {
  const kernel = factor > 1 ? LANCZOS : CATMULL_ROM;
  // Made smaller, each new pixel is a mean of more old ones.
  const stretch = Math.max(1, factor);
  const reach = kernel.reach * stretch;
  const count = Math.ceil(2 * reach) + 1;
  const first = new Int32Array(to);
  const weights = new Float64Array(count * to);
  for (let pixel = 0; pixel < to; pixel++) {
    // Made larger, libvips begins half an old pixel before the first, not in its middle.
    const centre = factor < 1 ? pixel * factor - 0.5 : (pixel + 0.5) * factor - 0.5 + (from - to * factor) / 2;
    const start = Math.ceil(centre - reach);
    first[pixel] = start;
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      const distance = (start + tap - centre) / stretch;
      const weight = Math.abs(distance) < kernel.reach ? kernel.at(distance) : 0;
      weights[count * pixel + tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < count; tap++) weights[count * pixel + tap] = (weights[count * pixel + tap] as number) / sum;
  }
  return { first, count, weights };
}

/**
 * Brings pixels to another size.
 *
 * @param from bytes in rows, `channels` for each pixel
 * @param factors old pixels for each new one, down and across; default those of the sizes
 * @returns the same, in the new size; each value rounded to a whole number from 0 to 255
 */
export function resample(
  from: ArrayLike<number>,
  size: { readonly height: number; readonly width: number },
  to: { readonly height: number; readonly width: number },
  channels: number,
  [down, across]: readonly [number, number] = [size.height / to.height, size.width / to.width],
): ArrayLike<number> {
  if (size.height === to.height && size.width === to.width) return from;
  // Rows first, as libvips does, with bytes between.
  const high = toLength(from, size.height, to.height, down, { lines: 1, step: size.width * channels });
  return toLength(high, size.width, to.width, across, { lines: to.height, step: channels });
}

/** `lines` runs of `step` values lie at each place of an axis. */
interface Runs {
  readonly lines: number;
  readonly step: number;
}

/** Libvips leaves a factor of at least so much to the filter. */
const GAP = 2;

function toLength(from: ArrayLike<number>, size: number, to: number, factor: number, runs: Runs): ArrayLike<number> {
  const whole = Math.max(1, Math.floor(size / to / GAP));
  const means = whole === 1 ? from : meansOf(from, whole, size, runs);
  return along(means, tapsOf(size / whole, to, factor / whole), Math.ceil(size / whole), runs);
}

/** Means of so many values, rounded; beyond the edge lies what is at the edge. */
function meansOf(from: ArrayLike<number>, whole: number, size: number, { lines, step }: Runs): Uint8Array {
  const length = Math.ceil(size / whole);
  const result = new Uint8Array(lines * length * step);
  const sums = new Float64Array(step);
  for (let line = 0, to = 0; line < lines; line++) {
    for (let place = 0; place < length; place++, to += step) {
      sums.fill(0);
      for (let part = 0; part < whole; part++) {
        const at = (line * size + Math.min(size - 1, place * whole + part)) * step;
        for (let i = 0; i < step; i++) sums[i] = (sums[i] as number) + (from[at + i] as number);
      }
      for (let i = 0; i < step; i++) result[to + i] = Math.floor((sums[i] as number) / whole + 0.5);
    }
  }
  return result;
}

/** Applies a filter along one axis. */
function along(
  from: ArrayLike<number>,
  { first, count, weights }: Taps,
  size: number,
  { lines, step }: Runs,
): Uint8ClampedArray {
  const result = new Uint8ClampedArray(lines * first.length * step);
  const sums = new Float64Array(step);
  for (let line = 0, to = 0; line < lines; line++) {
    for (let pixel = 0; pixel < first.length; pixel++, to += step) {
      sums.fill(0);
      for (let tap = 0; tap < count; tap++) {
        const weight = weights[count * pixel + tap] as number;
        if (weight === 0) continue;
        // Beyond the edge lies what is at the edge.
        const place = Math.min(size - 1, Math.max(0, (first[pixel] as number) + tap));
        const at = (line * size + place) * step;
        for (let i = 0; i < step; i++) sums[i] = (sums[i] as number) + weight * (from[at + i] as number);
      }
      result.set(sums, to);
    }
  }
  return result;
}
