/** Which of a model's inputs hold one entry a sample, and how samples share a run. */

import { requiredInputs } from '../graph/interface.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { create, type ValueInfoProto } from '../onnx/schema.ts';
import { declaredType } from '../onnx/value-type.ts';
import type { Value, Values } from '../runtime/session.ts';
import { batchAxisOf } from './batch-axis.ts';
import type { Dataset } from './dataset.ts';
import { fitInputs } from './feed.ts';
import { sizeOf } from './generated.ts';

/** How samples are fed to a model. */
export interface Batch {
  /**
   * Names of the inputs whose first dimension counts samples; others, such as a threshold, are the same for all. None if the model
   * takes one sample at a time, without an axis that counts them.
   */
  readonly inputs: ReadonlySet<string>;
  /** How many samples the model takes at a time; `undefined` where that is open. */
  readonly size: number | undefined;
  /** Name of the input that nothing tells of whether it has a batch; its first axis is taken for one. */
  readonly unclear?: string;
}

/**
 * The batch is the first dimension of the first input that has at least two, or whose rank is not stated, if it counts samples: see
 * {@link batchAxisOf}. Inputs whose first dimension is the same number, or open and not another symbol, share it.
 */
export function batchOf(model: Model): Batch {
  const inputs = requiredInputs(model);
  const rankOf = ({ type }: ValueInfoProto) => declaredType(type).shape?.length ?? 2;
  const leader = inputs.find((it) => rankOf(it) > 1) ?? inputs.find((it) => rankOf(it) > 0);
  if (leader === undefined) return { inputs: new Set(), size: 1 };
  const axis = batchAxisOf(model, leader);
  if (axis === 'none') return { inputs: new Set(), size: 1 };
  const { size } = firstOf(leader);
  const shares = (it: ValueInfoProto) => {
    const { size: own, symbol } = firstOf(it);
    const { symbol: leading } = firstOf(leader);
    return rankOf(it) > 0 && own === size && (symbol === leading || symbol === '' || leading === '');
  };
  const names = new Set(inputs.filter(shares).map(({ name }) => name));
  return { inputs: names, size, ...(axis === 'unclear' ? { unclear: leader.name } : {}) };
}

/**
 * What exporters call an open axis that nobody named, each another: `unk__156` of tf2onnx, `x_dynamic_axes_1` of PyTorch, `Relux_dim_0` of
 * its inference of shapes. Two of them say nothing of each other.
 */
const UNNAMED = /^(unk__\d+|.*_dynamic_axes_\d+|.*_dim_\d+|unknown\w*|None|\?|-1)$/;

function firstOf({ type }: ValueInfoProto): { size: number | undefined; symbol: string } {
  const symbol = type?.tensorType?.shape?.dim[0]?.dimParam ?? '';
  return { size: declaredType(type).shape?.[0], symbol: UNNAMED.test(symbol) ? '' : symbol };
}

/**
 * The same model with the batch of its inputs left open. What its nodes make of another batch, only running them tells. Of values in between only
 * the ranks are left: ONNX Runtime takes the sizes that a file states for the numbers that Shape gives.
 */
export function openBatch(model: Model): Model {
  const { inputs, size } = batchOf(model);
  const { graph } = model.proto;
  const open = (it: ValueInfoProto): ValueInfoProto => {
    const tensor = it.type?.tensorType;
    const dims = tensor?.shape?.dim;
    if (!inputs.has(it.name) || tensor === undefined || dims === undefined) return it;
    const shape = create('TensorShapeProto', { dim: [create('Dimension', {}), ...dims.slice(1)] });
    return { ...it, type: create('TypeProto', { tensorType: { ...tensor, shape } }) };
  };
  const valueInfo = size === undefined ? graph.valueInfo : graph.valueInfo.map(withoutSizes);
  return withGraph(model, { ...graph, input: graph.input.map(open), valueInfo });
}

function withoutSizes(it: ValueInfoProto): ValueInfoProto {
  const tensor = it.type?.tensorType;
  if (tensor?.shape === undefined) return it;
  const shape = create('TensorShapeProto', { dim: tensor.shape.dim.map(() => create('Dimension', {})) });
  return { ...it, type: create('TypeProto', { tensorType: { ...tensor, shape } }) };
}

/**
 * Checks a sample before it is wanted, and gives its arrays in the types that the model takes.
 *
 * @throws GnSwapError `invalid-data` where it has not the types and shapes that the model takes, its batch aside
 */
export function fitSample(model: Model, sample: Values): Values {
  const opened = openBatch(model);
  // Fed to the float32 twin; see twin.ts.
  const wide = (it: ValueInfoProto): ValueInfoProto => {
    const tensor = it.type?.tensorType;
    if (tensor?.elemType !== DataType.BFLOAT16) return it;
    return { ...it, type: create('TypeProto', { tensorType: { ...tensor, elemType: DataType.FLOAT } }) };
  };
  const { graph } = opened.proto;
  return fitInputs(withGraph(opened, { ...graph, input: graph.input.map(wide) }), sample);
}

/** Samples as the inputs of one run, as they were given. */
export async function joinSamples(
  model: Model,
  data: Dataset,
  samples: readonly number[],
): Promise<Record<string, Value>> {
  const { inputs } = batchOf(model);
  const loaded = await Promise.all(samples.map((sample) => data.load(sample)));
  const [first = {}] = loaded;
  const joined = Object.entries(first).map(([name, value]): [string, Value] => {
    const values = loaded.flatMap((sample) => sample[name] ?? []);
    if (inputs.size === 0) return [name, withoutBatch(model, name, value)];
    return [name, inputs.has(name) && values.length > 1 ? join(values) : value];
  });
  return Object.fromEntries(joined);
}

/** A sample of a stack is still one of a stack. */
function withoutBatch(model: Model, name: string, value: Value): Value {
  const input = requiredInputs(model).find((it) => it.name === name);
  const rank = declaredType(input?.type).shape?.length;
  const isStack = value.dims[0] === 1 && value.dims.length - 1 === rank;
  return isStack ? { ...value, dims: value.dims.slice(1) } : value;
}

/** Samples as the inputs of one run, as the model takes them. */
export async function loadSamples(
  model: Model,
  data: Dataset,
  samples: readonly number[],
): Promise<Record<string, Value>> {
  return fitInputs(model, await joinSamples(model, data, samples));
}

/** Joins equally shaped values, one after the other along the first axis. */
export function join(values: readonly Value[]): Value {
  const [first] = values as [Value, ...Value[]];
  const [entries = 1, ...rest] = first.dims;
  const dims = [entries * values.length, ...rest];
  if (Array.isArray(first.data)) {
    return { ...first, dims, data: values.flatMap(({ data }) => [...(data as readonly string[])]) };
  }
  const size = sizeOf(first);
  const all = new (first.data.constructor as Float32ArrayConstructor)(size * values.length);
  for (const [index, { data }] of values.entries()) all.set(data as ArrayLike<number>, index * size);
  return { type: first.type, dims, data: all };
}
