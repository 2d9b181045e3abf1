/** Arrays that hold several samples → samples. */
import { GnSwapError } from '../errors.ts';
import { requiredInputs } from '../graph/interface.ts';
import type { Model } from '../onnx/model.ts';
import type { ValueInfoProto } from '../onnx/schema.ts';
import { declaredType, type Shape } from '../onnx/value-type.ts';
import type { Value, Values } from '../runtime/session.ts';
import { batchOf, fitSample } from './batch.ts';
import { takeSamples } from './generated.ts';

/** One sample that is loaded when it is wanted. */
export interface Sample {
  readonly file: string;
  /** Position in the file, if it holds several. */
  readonly row?: number;
  /** Throws if it can't be read. */
  key(): Promise<string>;
  load(): Promise<Values>;
}

/**
 * Splits arrays along the batch.
 *
 * @param read the arrays of the file by name; called again for each sample, so it should remember what it read last
 * @throws GnSwapError `invalid-data` if the arrays are not what the model takes
 */
export function arraySamples(file: string, read: () => Values, model: Model): Sample[] {
  const batch = batchOf(model);
  const open = () => batchedInputs(read(), model, batch.inputs);
  const values = open();
  const isAlone = batch.inputs.size === 0;
  const inputs = isAlone ? stackedInputs(values, model) : batch.inputs;
  const counts = Object.entries(values).flatMap(([name, { dims }]) => (inputs.has(name) ? [dims[0] ?? 1] : []));
  const [count = 1] = counts;
  if (counts.some((it) => it !== count)) {
    throw new GnSwapError('invalid-data', `its arrays hold ${counts.join(' and ')} samples`);
  }
  if (count === 0) throw new GnSwapError('invalid-data', 'its arrays are empty');
  const one = (index: number) => {
    const sample = Object.entries(open()).map(([name, value]) =>
      inputs.has(name) ? [name, sampleOf(value, count, index, isAlone)] : [name, value],
    );
    return Object.fromEntries(sample) as Values;
  };
  const fitted = fitSample(model, one(0));
  // NumPy makes float64 of what is not told otherwise.
  const isOther = Object.entries(one(0)).some(([name, { type }]) => fitted[name]?.type !== type);
  // What is no batch is the same for all samples of a run, so only those of this file may share one.
  const isWhole = isAlone || Object.keys(values).every((name) => inputs.has(name));
  const key = JSON.stringify([
    isWhole ? '' : file,
    ...Object.values(one(0)).map(({ dims }) => dims.slice(isAlone ? 0 : 1)),
  ]);
  return Array.from({ length: count }, (_, index) => ({
    file,
    ...(isAlone && inputs.size === 0 ? {} : { row: index }),
    key: async () => key,
    load: async () => (isOther ? fitSample(model, one(index)) : one(index)),
  }));
}

/** The arrays that hold several samples of a model without a batch: those that have an axis more than the input. */
function stackedInputs(values: Values, model: Model): Set<string> {
  const isStack = ({ name, type }: ValueInfoProto) => {
    const rank = declaredType(type).shape?.length;
    return rank !== undefined && values[name]?.dims.length === rank + 1;
  };
  return new Set(
    requiredInputs(model)
      .filter(isStack)
      .map(({ name }) => name),
  );
}

function sampleOf(value: Value, count: number, index: number, isAlone: boolean): Value {
  const sample = takeSamples({ value }, count, index, index + 1).value as Value;
  return isAlone ? { ...sample, dims: sample.dims.slice(1) } : sample;
}

/**
 * The model's inputs among the arrays. One that has a dimension less than the input is a single sample. Of grey pictures, whose input has an
 * axis of one colour, that axis may be left out: [h, w] is a sample, and [n, h, w] are n.
 */
function batchedInputs(given: Values, model: Model, batch: ReadonlySet<string>): Values {
  const values: Record<string, Value> = {};
  for (const { name, type } of requiredInputs(model)) {
    const value = given[name];
    if (value === undefined) {
      throw new GnSwapError('invalid-data', `it has no array ${JSON.stringify(name)} for the model’s input`);
    }
    const { shape } = declaredType(type);
    const coloured = batch.has(name) ? withColour(value, shape) : value;
    const isSingle = batch.has(name) && coloured.dims.length + 1 === shape?.length;
    values[name] = isSingle ? { ...coloured, dims: [1, ...coloured.dims] } : coloured;
  }
  return values;
}

/** Puts in the axis of the one colour, if pictures come without. */
function withColour(value: Value, shape: Shape | undefined): Value {
  const { dims } = value;
  if (shape?.length !== 4) return value;
  const axis = shape[1] === 1 ? 1 : shape[3] === 1 ? 3 : undefined;
  // [1, h, w] and [h, w, 1] are one sample as they are.
  const isLeftOut = dims.length === 2 || (dims.length === 3 && dims[axis === 1 ? 0 : 2] !== 1);
  if (axis === undefined || !isLeftOut) return value;
  const at = dims.length === 2 ? axis - 1 : axis;
  return { ...value, dims: [...dims.slice(0, at), 1, ...dims.slice(at)] };
}
