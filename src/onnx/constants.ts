/** Values that are the same in every run, as far as they can be known by looking. */
import { attributeOf, intAttribute } from './attributes.ts';
import { DataType } from './data-type.ts';
import { normalDomain } from './model.ts';
import { create, type NodeProto, type SparseTensorProto, type TensorProto } from './schema.ts';
import { definingScope, type Scope } from './scope.ts';
import { dimsOf, type ExternalData, elementCount, makeTensor, valuesOf } from './tensor.ts';

/**
 * The tensor that a value always is: an initializer, a Constant, or either behind Identity and operators that only
 * change the shape or the element type. Other constant expressions are left to whoever can run them.
 *
 * An initializer that is also a graph input counts: its value is the default, and the only one a file knows.
 *
 * @returns `undefined` where the value is not constant, or takes a computation to know
 */
export function constantOf(
  scope: Scope,
  name: string,
  external: ExternalData,
  known: ReadonlyMap<string, TensorProto> = new Map(),
): TensorProto | undefined {
  // Each step goes to an earlier node; the limit is for cyclic graphs.
  const steps: NodeProto[] = [];
  let [at, value] = [scope, name];
  let tensor: TensorProto | undefined;
  while (tensor === undefined) {
    const owner = definingScope(at, value);
    if (owner === undefined) return undefined;
    const producer = owner.producers.get(value);
    tensor = known.get(value) ?? owner.initializers.get(value) ?? dense(owner.sparseInitializers.get(value), external);
    if (tensor !== undefined) break;
    if (producer === undefined || normalDomain(producer.domain) !== '' || steps.length > 100) return undefined;
    if (producer.opType === 'Constant') {
      const sparse = attributeOf(producer, 'sparse_value')?.sparseTensor;
      tensor = constantNodeTensor(producer) ?? dense(sparse, external);
      if (tensor === undefined) return undefined;
    } else if (SHAPE_ONLY.has(producer.opType) || producer.opType === 'ConstantOfShape') {
      steps.push(producer);
      value = producer.input[0] ?? '';
      at = owner;
    } else {
      return undefined;
    }
  }
  for (const step of steps.reverse()) {
    tensor = apply(step, tensor, external);
    if (tensor === undefined) return undefined;
  }
  return tensor;
}

/** γ, β, μ and σ² have one element a channel: this is more than any of them holds. */
const LONGEST = 1e6;

/** Operators whose output holds the elements of the first input in the same order. */
const SHAPE_ONLY = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Cast']);

function apply(node: NodeProto, tensor: TensorProto, external: ExternalData): TensorProto | undefined {
  if (node.opType === 'Identity') return tensor;
  if (node.opType === 'Cast') {
    const to = intAttribute(node, 'to', 0);
    const float =
      to === DataType.FLOAT || to === DataType.DOUBLE || to === DataType.FLOAT16 || to === DataType.BFLOAT16;
    return float ? makeTensor(tensor.name, to, dimsOf(tensor), valuesOf(tensor, external)) : undefined;
  }
  if (node.opType === 'ConstantOfShape') {
    const dims = [...valuesOf(tensor, external)];
    const count = dims.reduce((product, dim) => product * dim, 1);
    const value = attributeOf(node, 'value')?.t;
    const element = value === undefined ? 0 : (valuesOf(value, external)[0] ?? 0);
    if (!(count >= 0 && count <= LONGEST)) return undefined;
    return makeTensor('', value?.dataType ?? DataType.FLOAT, dims, new Float64Array(count).fill(element));
  }
  return create('TensorProto', { ...tensor, dims: [elementCount(tensor)] });
}

/** The tensor of a Constant node, from any of the attributes it may be given by. */
export function constantNodeTensor(node: NodeProto): TensorProto | undefined {
  for (const { name, t, f, i, floats, ints } of node.attribute) {
    if (name === 'value') return t;
    if (name === 'value_float') return makeTensor('', DataType.FLOAT, [], [f ?? 0]);
    if (name === 'value_floats') return makeTensor('', DataType.FLOAT, [floats.length], floats);
    if (name === 'value_int') return makeTensor('', DataType.INT64, [], [Number(i ?? 0)]);
    if (name === 'value_ints') return makeTensor('', DataType.INT64, [ints.length], ints.map(Number));
  }
  return undefined;
}

/** A sparse vector with its zeros put in; `undefined` for one of more dimensions, which no parameter here has. */
function dense(sparse: SparseTensorProto | undefined, external: ExternalData): TensorProto | undefined {
  const { values, indices, dims } = sparse ?? {};
  const length = Number(dims?.[0]);
  if (values === undefined || dims?.length !== 1 || !(length >= 0 && length <= LONGEST)) return undefined;
  const all = new Float64Array(length);
  const given = valuesOf(values, external);
  const places = indices === undefined ? [] : valuesOf(indices, external);
  for (const [index, place] of places.entries()) all[place] = given[index] ?? 0;
  return makeTensor(values.name, values.dataType ?? DataType.FLOAT, [length], all);
}

/** A small constant list of integers, such as a shape or axes. */
export function constantInts(scope: Scope, name: string, external: ExternalData): number[] | undefined {
  const tensor = name === '' ? undefined : constantOf(scope, name, external);
  if (tensor === undefined || tensor.dims.length > 1 || elementCount(tensor) > 64) return undefined;
  return [...valuesOf(tensor, external)];
}
