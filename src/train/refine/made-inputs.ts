/** Inputs made from given ones: shifted, turned by half, brighter or darker, noisy, mixed. No label is needed, as the source answers all of them. */
import type { Dataset } from '../../inputs/dataset.ts';
import { Random } from '../../inputs/random.ts';
import { DataType } from '../../onnx/data-type.ts';
import type { Value, Values } from '../../runtime/session.ts';
import { seedOf } from '../batches.ts';

/** Of the sides; of the deviation; of a second input. */
const [FARTHEST, NOISE, MIXED] = [0.12, 0.1, 0.35] as const;

/** Whether inputs can be made from a sample: it has float numbers, and is not made of single numbers alone. */
export function isVariable(sample: Values): boolean {
  return Object.values(sample).some(({ type, data }) => type === DataType.FLOAT && data.length > 1);
}

/**
 * A data set of inputs made from some samples of another one; the same for the same seed. Each kind of change happens to about half of
 * them, so a few stay almost as they were.
 *
 * @param samples of `data`, taken in turn
 */
export function madeFrom(data: Dataset, samples: readonly number[], count: number, seed: number): Dataset {
  const of = (index: number) => samples[index % samples.length] as number;
  return {
    count,
    keyOf: (index) => data.keyOf(of(index)),
    async load(index) {
      const random = new Random(seedOf(seed, index));
      const sample = of(index);
      const alike = samples.filter((it) => it !== sample && data.keyOf(it) === data.keyOf(sample));
      const other = alike[random.integer(Math.max(1, alike.length))];
      const mixed = random.uniform() < 0.5 && other !== undefined ? await data.load(other) : {};
      const values = await data.load(sample);
      return Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, varied(value, mixed[name], random)]),
      );
    },
  };
}

function varied(value: Value, other: Value | undefined, random: Random): Value {
  const { type, dims, data } = value;
  if (type !== DataType.FLOAT || data.length < 2) return value;
  const given = data as Float32Array;
  const plane = planeOf(dims);
  let numbers = Float32Array.from(given);
  if (plane !== undefined) {
    if (random.uniform() < 0.5) numbers = halfTurned(numbers, plane);
    if (random.uniform() < 0.7) numbers = shifted(numbers, plane, random);
  }
  if (other !== undefined && other.data.length === numbers.length) {
    const share = MIXED * random.uniform();
    for (let i = 0; i < numbers.length; i++) {
      numbers[i] = (1 - share) * (numbers[i] as number) + share * Number(other.data[i]);
    }
  }
  recolour(numbers, random);
  return { type, dims, data: numbers };
}

/** Rows and columns of pictures, and how many numbers lie beside each other in one place. */
interface Plane {
  readonly height: number;
  readonly width: number;
  readonly depth: number;
}

/** Channels are few, so the axis that is short tells the layout; other arrays have no places. */
function planeOf(dims: readonly number[]): Plane | undefined {
  const [a = 0, b = 0, c = 0] = dims.slice(-3);
  if (dims.length < 3) return undefined;
  return c <= 4 && a > 4 ? { height: a, width: b, depth: c } : { height: b, width: c, depth: 1 };
}

function halfTurned(from: Float32Array, { height, width, depth }: Plane): Float32Array<ArrayBuffer> {
  return moved(from, { height, width, depth }, (row, column) => [height - 1 - row, width - 1 - column]);
}

/** What comes in at an edge repeats that edge. */
function shifted(from: Float32Array, plane: Plane, random: Random): Float32Array<ArrayBuffer> {
  const { height, width } = plane;
  const by = (size: number) => Math.round((2 * random.uniform() - 1) * FARTHEST * size);
  const [down, right] = [by(height), by(width)];
  const within = (at: number, size: number) => Math.min(size - 1, Math.max(0, at));
  return moved(from, plane, (row, column) => [within(row - down, height), within(column - right, width)]);
}

/** @param origin the place that the number of a place is taken from */
function moved(
  from: Float32Array,
  { height, width, depth }: Plane,
  origin: (row: number, column: number) => readonly [number, number],
): Float32Array<ArrayBuffer> {
  const to = new Float32Array(from.length);
  const size = height * width * depth;
  for (let start = 0; start < from.length; start += size) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const [y, x] = origin(row, column);
        for (let k = 0; k < depth; k++) {
          to[start + (row * width + column) * depth + k] = from[start + (y * width + x) * depth + k] as number;
        }
      }
    }
  }
  return to;
}

/** Contrast around the mean, brightness, and noise, in units of the deviation; in place. */
function recolour(numbers: Float32Array, random: Random): void {
  let [sum, squares] = [0, 0];
  for (const it of numbers) sum += it;
  const mean = sum / numbers.length;
  for (const it of numbers) squares += (it - mean) ** 2;
  const deviation = Math.sqrt(squares / numbers.length);
  const [contrast, brightness] = [0.6 + 0.8 * random.uniform(), 0.3 * deviation * random.normal()];
  const noise = random.uniform() < 0.5 ? NOISE * deviation * random.uniform() : 0;
  for (let i = 0; i < numbers.length; i++) {
    const spread = mean + contrast * ((numbers[i] as number) - mean) + brightness;
    numbers[i] = noise === 0 ? spread : spread + noise * random.normal();
  }
}
