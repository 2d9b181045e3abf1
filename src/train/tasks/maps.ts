/** Where the numbers of maps of classes are. */
import type { TrainedOutput } from '../types.ts';

/** Maps [n, K, h, w], or [n, h, w, K]. */
export interface Maps {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** From a number to that of the next map, pixel and sample. */
  readonly steps: { readonly map: number; readonly pixel: number; readonly sample: number };
}

/** An output that holds maps, and the axis of the classes: 1, or 3 as Keras has it. */
export interface MapOutput extends TrainedOutput {
  readonly axis: number;
}

/** @param dims of an output of that kind, which may have another size */
export function mapsOf({ axis }: MapOutput, dims: readonly number[]): Maps {
  const [, a = 0, b = 0, c = 0] = dims;
  const [count, height, width] = axis === 1 ? [a, b, c] : [c, a, b];
  const area = height * width;
  const steps = axis === 1 ? { map: area, pixel: 1 } : { map: 1, pixel: count };
  return { count, height, width, steps: { ...steps, sample: count * area } };
}

/** The dimensions of an output whose maps have another size. */
export function withSize(output: MapOutput, height: number, width: number): MapOutput {
  const [samples = 1] = output.dims;
  const { count } = mapsOf(output, output.dims);
  return { ...output, dims: output.axis === 1 ? [samples, count, height, width] : [samples, height, width, count] };
}
