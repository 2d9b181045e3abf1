/** Values that are the same in every run, as far as they can be known by looking. */
import { attributeOf, intAttribute } from '../onnx/attributes.ts';
import { constantNodeTensor } from '../onnx/constant-node.ts';
import { DataType, isFloat, isNumber } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, SparseTensorProto, TensorProto } from '../onnx/schema.ts';
import { denseOf } from '../onnx/sparse-tensor.ts';
import { dimsOf, type ExternalData, elementCount, HIGHEST_RANK, makeTensor, valuesOf } from '../onnx/tensor.ts';
import { definingScope, type Scope } from './scope.ts';

/** Operators whose output holds the elements of the first input in the same order. */
const SHAPE_ONLY = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Cast']);
/** Steps from a value to its constant: more than any exporter writes, and an end to graphs that are circles. */
const STEP_LIMIT = 100;
/** γ, β, μ and σ² have one element a channel: this is more than any of them holds. */
const LONGEST = 1e6;

/**
 * The tensor that a value always is: an initializer, a Constant, or either behind Identity and operators that only
 * change the shape or the element type. Other constant expressions are left to whoever can run them.
 *
 * An initializer that is also a graph input counts: its value is the default, and the only one a file knows. Behind
 * operators that change the shape the tensor has one dimension.
 *
 * @param known values found by running the model, by name
 * @param limit what has more elements is not looked at
 * @returns `undefined` where the value is not constant, or takes a computation to know
 */
export function constantOf(
  scope: Scope,
  name: string,
  external: ExternalData,
  known: ReadonlyMap<string, TensorProto> = NONE_KNOWN,
  limit = Number.POSITIVE_INFINITY,
): TensorProto | undefined {
  // What nearly all are: asked of each parameter of maybe 100,000 norms.
  const own = known.size === 0 ? scope.initializers.get(name) : undefined;
  if (own !== undefined) return isSmall(own, limit) ? own : undefined;
  const steps: NodeProto[] = [];
  let [at, value] = [scope, name];
  let tensor: TensorProto | undefined;
  while (tensor === undefined) {
    const owner = definingScope(at, value);
    if (owner === undefined || steps.length > STEP_LIMIT) return undefined;
    const producer = owner.producers.get(value);
    tensor =
      known.get(value) ?? owner.initializers.get(value) ?? dense(owner.sparseInitializers.get(value), external, limit);
    if (tensor !== undefined) break;
    if (producer === undefined || normalDomain(producer.domain) !== '') return undefined;
    if (producer.opType === 'Constant') {
      const sparse = attributeOf(producer, 'sparse_value')?.sparseTensor;
      tensor = constantNodeTensor(producer, limit) ?? dense(sparse, external, limit);
      if (tensor === undefined) return undefined;
    } else if (SHAPE_ONLY.has(producer.opType) || producer.opType === 'ConstantOfShape') {
      steps.push(producer);
      value = nameAt(producer.input, 0);
      at = owner;
    } else {
      return undefined;
    }
  }
  for (const step of steps.reverse()) {
    if (!isSmall(tensor, limit)) return undefined;
    tensor = apply(step, tensor, external, limit);
    if (tensor === undefined) return undefined;
  }
  return isSmall(tensor, limit) ? tensor : undefined;
}

const NONE_KNOWN: ReadonlyMap<string, TensorProto> = new Map();

function isSmall(tensor: TensorProto, limit: number): boolean {
  return tensor.dims.length <= HIGHEST_RANK && (limit === Number.POSITIVE_INFINITY || !(elementCount(tensor) > limit));
}

function apply(node: NodeProto, tensor: TensorProto, external: ExternalData, limit: number): TensorProto | undefined {
  if (node.opType === 'Identity') return tensor;
  if (node.opType === 'Cast') {
    const to = intAttribute(node, 'to', 0);
    if (!isFloat(to) || !isNumber(tensor.dataType)) return undefined;
    return makeTensor(tensor.name, to, dimsOf(tensor), valuesOf(tensor, external));
  }
  if (node.opType === 'ConstantOfShape') {
    if (elementCount(tensor) > HIGHEST_RANK || !isNumber(tensor.dataType)) return undefined;
    const dims = [...valuesOf(tensor, external)];
    const count = dims.reduce((product, dim) => product * dim, 1);
    if (!dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0) || !(count <= Math.min(LONGEST, limit)))
      return undefined;
    const value = attributeOf(node, 'value')?.t;
    if (value !== undefined && (!isNumber(value.dataType) || elementCount(value) !== 1)) return undefined;
    const element = value === undefined ? 0 : (valuesOf(value, external)[0] as number);
    return makeTensor('', value?.dataType ?? DataType.FLOAT, dims, new Float64Array(count).fill(element));
  }
  return { ...tensor, dims: [elementCount(tensor)] };
}

/** A sparse vector with its zeros put in; `undefined` for one of more dimensions, which no parameter here has. */
function dense(sparse: SparseTensorProto | undefined, external: ExternalData, limit: number): TensorProto | undefined {
  const { values, dims } = sparse ?? {};
  const length = Number(dims?.[0]);
  if (values === undefined || dims?.length !== 1 || !(length >= 0 && length <= Math.min(LONGEST, limit))) {
    return undefined;
  }
  if (!isNumber(values.dataType) || elementCount(values) > length) return undefined;
  return sparse && denseOf(sparse, external);
}

/** A small constant list of integers, such as a shape or axes. */
export function constantInts(scope: Scope, name: string, external: ExternalData): number[] | undefined {
  const tensor = name === '' ? undefined : constantOf(scope, name, external, NONE_KNOWN, HIGHEST_RANK);
  if (tensor === undefined || tensor.dims.length > 1) return undefined;
  if (tensor.dataType !== DataType.INT64 && tensor.dataType !== DataType.INT32) return undefined;
  return [...valuesOf(tensor, external)];
}
