/** A sparse tensor with its zeros put in. */
import { GnSwapError } from '../errors.ts';
import { DataType } from './data-type.ts';
import type { SparseTensorProto, TensorProto } from './schema.ts';
import { type ExternalData, makeTensor, noExternalData, valuesOf } from './tensor.ts';

/** More numbers than a weight of any network has; a file may claim any size. */
const MOST_ELEMENTS = 2 ** 28;

/**
 * The tensor that a sparse one stands for, under the name of its values.
 *
 * Places are numbers into the flat tensor, or a row of one number for each axis.
 *
 * @throws GnSwapError `invalid-model` if a place is outside, or there are more or fewer of them than values
 */
export function denseOf(
  { values, indices, dims }: SparseTensorProto,
  external: ExternalData = noExternalData,
): TensorProto {
  const sizes = dims.map(Number);
  const count = sizes.reduce((product, dim) => product * dim, 1);
  const name = values?.name ?? '';
  if (values === undefined || sizes.some((size) => size < 0) || count > MOST_ELEMENTS) throw unfit(name);
  const given = valuesOf(values, external);
  const places = indices === undefined ? [] : flat(Array.from(valuesOf(indices, external)), indices.dims.length, sizes);
  const isInside = (place: number) => Number.isInteger(place) && place >= 0 && place < count;
  if (places.length !== given.length || !places.every(isInside)) throw unfit(name);
  const all = new Float64Array(count);
  for (const [index, place] of places.entries()) all[place] = given[index] as number;
  return makeTensor(name, values.dataType ?? DataType.FLOAT, sizes, all);
}

/** Rows of coordinates as numbers into the flat tensor; NaN for one that is outside along its axis. */
function flat(numbers: readonly number[], rank: number, sizes: readonly number[]): readonly number[] {
  if (rank < 2) return numbers;
  const rows = Array.from({ length: numbers.length / sizes.length }, (_, row) => row * sizes.length);
  return rows.map((row) =>
    sizes.reduce((place, size, axis) => {
      const at = numbers[row + axis] as number;
      return at >= 0 && at < size ? place * size + at : Number.NaN;
    }, 0),
  );
}

function unfit(name: string): GnSwapError {
  return new GnSwapError('invalid-model', `sparse tensor ${JSON.stringify(name)} has indices that do not fit`, {
    remedy: 'Export the model again',
  });
}
