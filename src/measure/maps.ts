/** Where the numbers of maps are. */

/** Maps [n, K, h, w], or [n, h, w, K]. */
export interface Maps {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** From a number to that of the next map, pixel and sample. */
  readonly steps: { readonly map: number; readonly pixel: number; readonly sample: number };
}

/** @param axis of the maps: 1, or 3 as Keras has it */
export function mapsOf([, a = 0, b = 0, c = 0]: readonly number[], axis: number): Maps {
  const [count, height, width] = axis === 1 ? [a, b, c] : [c, a, b];
  const area = height * width;
  const steps = axis === 1 ? { map: area, pixel: 1 } : { map: 1, pixel: count };
  return { count, height, width, steps: { ...steps, sample: count * area } };
}
