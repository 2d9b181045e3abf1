/** Arrays that a program hands over. */
import { GnSwapError } from '../errors.ts';
import { DataType, dataTypeName } from '../onnx/data-type.ts';
import type { Values } from '../runtime/session.ts';

const TYPES: readonly unknown[] = Object.values(DataType);

/** How JavaScript calls arrays of numbers that are no other type's. */
const ARRAYS = new Map<string, readonly number[]>([
  ['Float32Array', [DataType.FLOAT]],
  ['Float64Array', [DataType.DOUBLE]],
  ['BigInt64Array', [DataType.INT64]],
  ['BigUint64Array', [DataType.UINT64]],
]);

/**
 * Makes sure that each array is whole: what it lacks would be read as zero, or end in a runtime that names no array.
 *
 * @param by the function that takes them
 * @throws GnSwapError `invalid-data` naming the array
 */
export function requireValues(values: Values, by: string): void {
  if (typeof values !== 'object' || values === null) {
    throw new GnSwapError('invalid-data', `${by} needs arrays by the names of the inputs`, { remedy: EXAMPLE });
  }
  for (const [name, given] of Object.entries(values)) {
    const problem = problemWith(given);
    if (problem !== undefined) throw new GnSwapError('invalid-data', problem, { node: name, remedy: EXAMPLE });
  }
}

const EXAMPLE = 'Give { type: DataType.FLOAT, dims: [N, …], data: new Float32Array(…) } for each input';

function problemWith(given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null) return 'it is not an array with its type and its shape';
  const { type, dims, data } = given as Partial<Record<string, unknown>>;
  if (!TYPES.includes(type)) return `its type is ${JSON.stringify(type) ?? 'missing'}, which is not one of DataType`;
  if (!isShape(dims)) return 'its dims are not a list of whole numbers';
  const length = (data as { readonly length?: unknown } | undefined)?.length;
  if (typeof length !== 'number') return 'its data are not an array';
  const needed = dims.reduce((product, dim) => product * dim, 1);
  if (length !== needed) return `it holds ${length} numbers; its shape [${dims.join(', ')}] needs ${needed}`;
  const kind = Object.prototype.toString.call(data).slice(8, -1);
  const types = ARRAYS.get(kind);
  if (types === undefined || types.includes(type as number)) return undefined;
  return `its data are a ${kind}, and its type is ${dataTypeName(type as number)}`;
}

function isShape(dims: unknown): dims is readonly number[] {
  return Array.isArray(dims) && dims.every((dim) => Number.isInteger(dim) && dim >= 0);
}
