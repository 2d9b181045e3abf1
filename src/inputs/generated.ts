/** Inputs for a model: legal values made from a seed, where the user gives none. */

import { GnSwapError } from '../errors.ts';
import { filled } from '../filled.ts';
import { requiredInputs } from '../graph/interface.ts';
import { viewOf } from '../graph/view.ts';
import { DataType, dataTypeName } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import { declaredType } from '../onnx/value-type.ts';
import { encodeHalf } from '../runtime/half.ts';
import type { Value, Values } from '../runtime/session.ts';
import { batchAxisOf } from './batch-axis.ts';
import { type Demands, demandsOf } from './demanded.ts';
import { Random } from './random.ts';

/** More than an image of 4096 × 4096 has; a damaged file may claim any number. */
const MOST_ELEMENTS = 2 ** 26;

/** Sizes to try for spatial dimensions that the file leaves open; networks with strides want multiples of 32, and sound thousands. */
export const OPEN_SIZES = [64, 32, 224, 96, 128, 48, 256, 320, 16, 8, 1, 4096, 16_000] as const;

/**
 * Makes a legal value for every required input: standard normal floats, indices below the smallest table they look up,
 * bools, strings.
 *
 * @param batch for a first dimension that the file leaves open and that counts samples
 * @param open for any other dimension that the file leaves open; equal symbols get equal sizes
 * @param demands which sizes of open dimensions are known all the same
 */
export function generateInputs(
  model: Model,
  seed: number,
  batch: number,
  open: number,
  demands: Demands = demandsOf(model),
): Record<string, Value> {
  const random = new Random(seed);
  const bounds = indexBounds(model);
  const dims = inputDims(model, batch, open, demands);
  const values: Record<string, Value> = {};
  for (const { name, type } of requiredInputs(model)) {
    const { elemType } = declaredType(type);
    if (elemType === undefined) {
      throw new GnSwapError('invalid-data', 'the input is not a tensor, so random values cannot be generated', {
        node: name,
        remedy: 'Use --no-verify to only rewrite the model',
      });
    }
    values[name] = generate(elemType, dims[name] ?? [], random, bounds.get(name) ?? 2, name);
  }
  return values;
}

/** Dimensions of each required input, as {@link generateInputs} takes them. */
export function inputDims(
  model: Model,
  batch: number,
  open: number,
  demands: Demands = demandsOf(model),
): Record<string, number[]> {
  const inputs = requiredInputs(model).map((input) => {
    const { name, type } = input;
    const demand = demands.get(name);
    const shape = declaredType(type).shape ?? new Array<undefined>(demand?.rank ?? 1).fill(undefined);
    const params = type?.tensorType?.shape?.dim.map(({ dimParam }) => dimParam) ?? [];
    const symbols = shape.map((_, axis) => params[axis] || `${name}/${axis}`);
    return { name, demand, shape, symbols, hasBatch: batchAxisOf(model, input) !== 'none' };
  });
  const sizes = new Map<string, number>();
  for (const { demand, symbols } of inputs) {
    const symbol = demand && symbols.at(demand.axis);
    if (symbol !== undefined) sizes.set(symbol, demand?.size ?? open);
  }
  const all: Record<string, number[]> = {};
  for (const { name, shape, symbols, hasBatch } of inputs) {
    all[name] = shape.map((dim, axis) => {
      if (dim !== undefined) return dim;
      const symbol = symbols[axis] as string;
      const size = sizes.get(symbol) ?? (axis === 0 && hasBatch ? batch : open);
      sizes.set(symbol, size);
      return size;
    });
  }
  return all;
}

/** For inputs that look up rows of a constant table: how many rows it has. */
function indexBounds(model: Model): Map<string, number> {
  const bounds = new Map<string, number>();
  for (const { graph, initializers } of viewOf(model).scopes) {
    for (const { opType, input } of graph.node) {
      const table = opType === 'Gather' ? initializers.get(nameAt(input, 0)) : undefined;
      const rows = table === undefined ? 0 : Number(table.dims[0] ?? 0);
      if (rows > 0) bounds.set(nameAt(input, 1), Math.min(rows, bounds.get(nameAt(input, 1)) ?? rows));
    }
  }
  return bounds;
}

function generate(type: DataType, dims: readonly number[], random: Random, bound: number, name: string): Value {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (!(count <= MOST_ELEMENTS)) {
    throw new GnSwapError('invalid-data', `an input of shape [${dims}] is too large to generate`, {
      node: name,
      remedy: 'Use real input with --inputs FILE.npz',
    });
  }
  return { type, dims, data: fill(type, count, random, bound, name) };
}

function fill(type: DataType, count: number, random: Random, bound: number, name: string): Value['data'] {
  // Straight into typed arrays: a list of that many numbers would take several times the memory.
  const all = { length: count };
  const normal = () => random.normal();
  const integer = () => random.integer(bound);
  const big = () => BigInt(integer());
  switch (type) {
    case DataType.FLOAT:
      return filled(new Float32Array(count), normal);
    case DataType.DOUBLE:
      return filled(new Float64Array(count), normal);
    case DataType.FLOAT16:
      return encodeHalf(filled(new Float32Array(count), normal));
    case DataType.INT64:
      return BigInt64Array.from(all, big);
    case DataType.UINT64:
      return BigUint64Array.from(all, big);
    case DataType.INT32:
      return Int32Array.from(all, integer);
    case DataType.UINT32:
      return Uint32Array.from(all, integer);
    case DataType.INT16:
      return Int16Array.from(all, integer);
    case DataType.UINT16:
      return Uint16Array.from(all, integer);
    case DataType.INT8:
      return Int8Array.from(all, integer);
    case DataType.UINT8:
    case DataType.BOOL:
      return Uint8Array.from(all, () => random.integer(type === DataType.BOOL ? 2 : 256));
    case DataType.STRING:
      return Array.from({ length: count }, () => String.fromCharCode(97 + random.integer(26)));
    default:
      throw new GnSwapError('invalid-data', `random values of type ${dataTypeName(type)} cannot be generated`, {
        node: name,
        remedy: 'Use --no-verify to only rewrite the model',
      });
  }
}

/** How many numbers a value holds. */
export function sizeOf({ dims }: Pick<Value, 'dims'>): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** The given samples of each value whose first dimension is `batch`; other values as they are. */
export function takeSamples(values: Values, batch: number, from: number, to: number): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (value.dims[0] !== batch) return [name, value];
      const perSample = sizeOf(value) / batch;
      const data = (value.data as Float32Array).slice(from * perSample, to * perSample);
      return [name, { ...value, dims: [to - from, ...value.dims.slice(1)], data }];
    }),
  );
}
