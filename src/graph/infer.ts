/**
 * Element types and shapes of values, as far as they follow from the file.
 *
 * One forward pass over the nodes: linear in the model's size, and enough to know the rank of what feeds a
 * normalisation. What the file itself states (`value_info`) wins; what neither says stays unknown, never guessed.
 */

import type { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { create, type TensorProto, type TypeProto, type ValueInfoProto } from '../onnx/schema.ts';
import { HIGHEST_RANK } from '../onnx/tensor.ts';
import { inferNode } from '../operators/types.ts';
import { constantInts } from './constants.ts';
import { type Scope, scopesOf } from './scope.ts';

/** Dimensions; `undefined` is one that the file does not fix. */
export type Shape = readonly (number | undefined)[];

/** What is known of a value. No `shape` means that not even the rank is known. */
export interface ValueType {
  readonly elemType?: DataType | undefined;
  readonly shape?: Shape | undefined;
}

/** Answers what is known of a value that a scope can see. */
export type TypeLookup = (scope: Scope, name: string) => ValueType;

const UNKNOWN: ValueType = {};

/** The declared type of a graph input or output, or of a `value_info` entry. */
export function declaredType(type: TypeProto | undefined): ValueType {
  const tensor = type?.tensorType;
  if (tensor === undefined) return UNKNOWN;
  const shape = tensor.shape?.dim.map(({ dimValue }) => (dimValue === undefined ? undefined : Number(dimValue)));
  return possible({ elemType: tensor.elemType, shape });
}

/** A graph input, or a `value_info` entry, that declares a tensor's type. */
export function makeValueInfo(name: string, elemType: DataType | undefined, dims: Shape): ValueInfoProto {
  const dim = dims.map((dimValue) => create('Dimension', dimValue === undefined ? {} : { dimValue }));
  const tensorType = create('TensorType', { elemType, shape: create('TensorShapeProto', { dim }) });
  return create('ValueInfoProto', { name, type: create('TypeProto', { tensorType }) });
}

/** What can be of a type: dimensions that no tensor has are unknown ones, and so is the rank where it is too high. */
function possible({ elemType, shape }: ValueType): ValueType {
  const isSize = (dim: number | undefined) => dim !== undefined && Number.isSafeInteger(dim) && dim >= 0;
  return {
    // 0 is UNDEFINED.
    elemType: elemType || undefined,
    shape: shape && shape.length <= HIGHEST_RANK ? shape.map((dim) => (isSize(dim) ? dim : undefined)) : undefined,
  };
}

/** Infers types for the main graph and all subgraphs. */
export function inferTypes(model: Model, scopes: readonly Scope[] = scopesOf(model)): TypeLookup {
  const types = new Map<Scope, Map<string, ValueType>>();
  const lookup: TypeLookup = (scope, name) => {
    // An input that is left out has no name, and no type.
    for (let at = name === '' ? undefined : scope; at !== undefined; at = at.parent) {
      const known = types.get(at)?.get(name);
      if (known !== undefined) return known;
    }
    return UNKNOWN;
  };
  for (const scope of scopes) {
    const known = new Map<string, ValueType>();
    types.set(scope, known);
    const declare = ({ name, type }: ValueInfoProto) => known.set(name, merge(declaredType(type), known.get(name)));
    for (const list of [scope.graph.input, scope.graph.valueInfo, scope.graph.output]) list.forEach(declare);
    for (const tensor of scope.graph.initializer) known.set(tensor.name, tensorType(tensor));
    for (const { values, dims } of scope.graph.sparseInitializer) {
      if (values !== undefined) known.set(values.name, tensorType({ dataType: values.dataType, dims }));
    }
    for (const node of scope.graph.node) {
      const inferred = inferNode(node, {
        type: (index) => lookup(scope, node.input[index] ?? ''),
        ints: (index) => constantInts(scope, node.input[index] ?? '', model.external),
      });
      for (const [index, name] of node.output.entries()) {
        if (name !== '') known.set(name, merge(known.get(name), possible(inferred[index] ?? UNKNOWN)));
      }
    }
  }
  return lookup;
}

function merge(stated: ValueType | undefined, inferred: ValueType | undefined): ValueType {
  const elemType = stated?.elemType ?? inferred?.elemType;
  const [a, b] = [stated?.shape, inferred?.shape];
  const shape = a === undefined ? b : a.length === b?.length ? a.map((dim, i) => dim ?? b[i]) : a;
  return { elemType, shape };
}

function tensorType({ dataType, dims }: Pick<TensorProto, 'dataType' | 'dims'>): ValueType {
  return possible({ elemType: dataType, shape: dims.map(Number) });
}
