/**
 * Running statistics of norms that are in training: they lie behind the parameters in the same vector, so whatever keeps, restores and
 * writes back parameters does the same with them. No gradient moves them; a run gives their next values.
 */
import type { Flat, Part } from '../gradient/flat.ts';
import type { GradientModel } from '../gradient/index.ts';
import { DataType } from '../onnx/data-type.ts';
import { numbersIn, type Value, type Values } from '../runtime/session.ts';

/** How the vector is fed, and what a run gives of it. */
export interface RunningStatistics {
  /** Parameters, then running statistics. */
  readonly layout: Flat;
  /** Names of the outputs that are the next running statistics. */
  readonly next: readonly string[];
  feeds(theta: Float32Array): Values;
  /** The gradient of the parameters, as long as the vector, and the next running statistics. */
  split(gradient: Float32Array, results: Values): { gradient: Float32Array; running?: Float32Array };
}

/** @param layout of the parameters alone */
export function runningStatistics({ updates }: GradientModel, layout: Flat): RunningStatistics {
  const trained = sizeOf(layout.parts);
  const parts: Part[] = [];
  let offset = trained;
  for (const { input, type } of updates) {
    parts.push({ name: input, offset, dims: type.dims });
    offset += sizeOf([{ dims: type.dims }]);
  }
  const total = offset;
  return {
    layout: { ...layout, parts: [...layout.parts, ...parts] },
    next: updates.map(({ output }) => output),
    feeds: (theta) => ({
      [layout.name]: floats(theta.subarray(0, trained), [trained]),
      ...Object.fromEntries(
        parts.map((part) => [part.name, floats(theta.subarray(part.offset, part.offset + sizeOf([part])), part.dims)]),
      ),
    }),
    split(gradient, results) {
      if (parts.length === 0) return { gradient };
      const [whole, running] = [new Float32Array(total), new Float32Array(total - trained)];
      whole.set(gradient);
      for (const [index, { output }] of updates.entries()) {
        running.set(numbersIn(results[output]), (parts[index] as Part).offset - trained);
      }
      return { gradient: whole, running };
    },
  };
}

/** The vector as the file holds it. @param values what the model of first values gives */
export function firstOf(values: Values, { name, parts }: Flat, { next }: RunningStatistics): Float32Array {
  const first = new Float32Array(sizeOf(parts));
  first.set(numbersIn(values[name]));
  for (const part of next.length === 0 ? [] : parts.slice(-next.length)) {
    first.set(numbersIn(values[part.name]), part.offset);
  }
  return first;
}

function sizeOf(parts: readonly Pick<Part, 'dims'>[]): number {
  return parts.reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
}

function floats(data: Float32Array, dims: readonly number[]): Value {
  return { type: DataType.FLOAT, dims, data };
}
