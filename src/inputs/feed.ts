/** Which inputs a model is run on: the user's, or the first made ones that it takes. */
import { GnSwapError } from '../errors.ts';
import { requiredInputs } from '../graph/interface.ts';
import { DataType, dataTypeName, INTEGER_ARRAYS, isFloat } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { declaredType } from '../onnx/value-type.ts';
import { encodeHalf } from '../runtime/half.ts';
import { numbersOf, type Session, type Value, type Values } from '../runtime/session.ts';
import { remedyFor } from '../runtime/source-fault.ts';
import { type Demands, demandsOf } from './demanded.ts';
import { generateInputs, inputDims, OPEN_SIZES, sizeOf } from './generated.ts';

/** What a model was run on, and what it answered. */
export interface Feed {
  readonly inputs: Values;
  readonly outputs: Values;
}

/** Elements of all inputs together, where sizes are open: a try must not take long, as there are many. */
const MOST_TRIED = 2 ** 22;

/**
 * Runs the source on made inputs: two samples where the batch is open, and the first size that it takes where others are.
 *
 * @throws GnSwapError `invalid-data` where it takes none of them, `runtime-failed` where the model itself is to blame
 */
export async function feedMade(
  session: Session,
  model: Model,
  seed: number,
  demands: Demands = demandsOf(model),
): Promise<Feed> {
  const tried = new Set<string>();
  let failure: GnSwapError | undefined;
  const least = JSON.stringify(inputDims(model, 1, 1, demands));
  for (const open of OPEN_SIZES) {
    for (const batch of [2, 1]) {
      const dims = inputDims(model, batch, open, demands);
      const shapes = JSON.stringify(dims);
      const size = Object.values(dims).reduce((sum, it) => sum + sizeOf({ dims: it }), 0);
      const isTooLarge = size > MOST_TRIED && shapes !== least;
      if (tried.has(shapes) || isTooLarge) continue;
      tried.add(shapes);
      const inputs = generateInputs(model, seed, batch, open, demands);
      try {
        return { inputs, outputs: await session.run(inputs) };
      } catch (error) {
        if (!(error instanceof GnSwapError)) throw error;
        failure ??= error;
      }
    }
  }
  // No other input would help.
  if (failure !== undefined && remedyFor(failure.message) !== undefined) throw failure;
  throw new GnSwapError('invalid-data', `the source does not run on random input (${failure?.message})`, {
    remedy: 'Use real input with --inputs FILE.npz, or --no-verify to only rewrite the model',
    cause: failure,
  });
}

/**
 * Runs the source on given inputs, which {@link fitInputs} made fit.
 *
 * @throws GnSwapError `invalid-data` where it does not run on them
 */
export async function feedGiven(session: Session, inputs: Values): Promise<Feed> {
  try {
    return { inputs, outputs: await session.run(inputs) };
  } catch (cause) {
    if (!(cause instanceof GnSwapError)) throw cause;
    throw new GnSwapError('invalid-data', `the source does not run on the given inputs (${cause.message})`, {
      remedy: 'Check the inputs, or use --no-verify to only rewrite the model',
      cause,
    });
  }
}

/**
 * Given values as a model takes them. Numbers of another width are converted, as NumPy's float64 and int64 are for many.
 *
 * @throws GnSwapError `invalid-data` where one is missing, or of a type or shape that the model does not take
 */
export function fitInputs(model: Model, given: Values): Record<string, Value> {
  const required = requiredInputs(model);
  const inputs: Record<string, Value> = {};
  for (const { name, type } of required) {
    const value = given[name];
    if (value === undefined) {
      const have = Object.keys(given).map((it) => JSON.stringify(it));
      throw new GnSwapError(
        'invalid-data',
        `the data has no array of this name${have.length === 0 ? '' : `, only ${have.join(', ')}`}`,
        {
          node: name,
          remedy: `Name the arrays after the model's inputs: ${required.map((it) => it.name).join(', ')}`,
        },
      );
    }
    const { elemType, shape } = declaredType(type);
    const fits =
      shape === undefined ||
      (shape.length === value.dims.length && shape.every((dim, i) => dim === undefined || dim === value.dims[i]));
    if (!fits) {
      const wanted = shape.map((dim) => dim ?? '?').join(', ');
      throw new GnSwapError('invalid-data', `its shape is [${value.dims.join(', ')}]; the model takes [${wanted}]`, {
        node: name,
        remedy: 'Use an array of that shape',
      });
    }
    inputs[name] = convert(value, elemType ?? value.type, name);
  }
  return inputs;
}

function convert(value: Value, type: DataType, name: string): Value {
  if (value.type === type) return value;
  const numbers = numbersOf(value);
  const refuse = () =>
    new GnSwapError('invalid-data', `its type is ${dataTypeName(value.type)}; the model takes ${dataTypeName(type)}`, {
      node: name,
      remedy: 'Use an array of that type',
    });
  if (numbers === undefined || isFloat(value.type) !== isFloat(type)) throw refuse();
  const { dims } = value;
  if (type === DataType.FLOAT) return { type, dims, data: Float32Array.from(numbers) };
  if (type === DataType.DOUBLE) return { type, dims, data: Float64Array.from(numbers) };
  if (type === DataType.FLOAT16) return { type, dims, data: encodeHalf(numbers) };
  if (type === DataType.INT64) return { type, dims, data: BigInt64Array.from(Array.from(numbers), BigInt) };
  const integers = INTEGER_ARRAYS.get(type);
  if (integers === undefined) throw refuse();
  const data = integers.from(numbers);
  for (let i = 0; i < data.length; i++) {
    if (data[i] === numbers[i]) continue;
    throw new GnSwapError('invalid-data', `it holds ${numbers[i]}, which does not fit into ${dataTypeName(type)}`, {
      node: name,
      remedy: 'Use an array of that type',
    });
  }
  return { type, dims, data };
}
