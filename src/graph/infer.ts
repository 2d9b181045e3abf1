/**
 * Element types and shapes of values, as far as they follow from the file.
 *
 * One forward pass over the nodes: linear in the model's size, and enough to know the rank of what feeds a
 * normalisation. What the file itself states (`value_info`) wins; what neither says stays unknown, never guessed.
 */

import type { Model } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto, ValueInfoProto } from '../onnx/schema.ts';
import { declaredType, possible, UNKNOWN, type ValueType } from '../onnx/value-type.ts';
import { integersOf } from '../operators/integers.ts';
import type { Inputs } from '../operators/type-rule.ts';
import { inferNode } from '../operators/types.ts';
import { constantInts } from './constants.ts';
import { type Scope, scopesOf } from './scope.ts';

/** Answers what is known of a value that a scope can see. */
export type TypeLookup = (scope: Scope, name: string) => ValueType;

/**
 * Infers types for the main graph and all subgraphs; of these scopes, once.
 *
 * @param followsSizes whether sizes that nodes compute from known ones are followed; by default only constants are
 */
export function inferTypes(model: Model, scopes: readonly Scope[] = scopesOf(model), followsSizes = false): TypeLookup {
  const lookup: TypeLookup = (scope, name) => {
    // An input that is left out has no name, and no type.
    for (let at = name === '' ? undefined : scope; at !== undefined; at = at.parent) {
      const value = at.values.get(name);
      if (value === undefined) continue;
      // Not noted for each of maybe 100,000 tensors: few are asked for.
      if (value.initializer !== undefined) return tensorType(value.initializer);
      if (value.type !== undefined) return value.type;
    }
    return UNKNOWN;
  };
  for (const scope of scopes) {
    const { values } = scope;
    const declare = ({ name, type }: ValueInfoProto) => {
      const value = values.of(name);
      value.type = merge(declaredType(type), value.type);
    };
    for (const list of [scope.graph.input, scope.graph.valueInfo, scope.graph.output]) list.forEach(declare);
    for (const { values: of, dims } of scope.graph.sparseInitializer) {
      if (of !== undefined) values.of(of.name).type = tensorType({ dataType: of.dataType, dims });
    }
    let node: NodeProto;
    const computed = followsSizes ? new Map<string, readonly number[]>() : undefined;
    // Of the node at hand; not made anew for each.
    const inputs: Inputs = {
      type: (index) => lookup(scope, nameAt(node.input, index)),
      ints: (index) => {
        const name = nameAt(node.input, index);
        const known = computed?.get(name);
        return known === undefined ? constantInts(scope, name, model.home.open) : [...known];
      },
    };
    for (node of scope.graph.node) {
      const inferred = inferNode(node, inputs);
      for (let index = 0; index < node.output.length; index++) {
        const name = node.output[index] as string;
        if (name === '') continue;
        const value = values.of(name);
        value.type = merge(value.type, possible(inferred[index] ?? UNKNOWN));
      }
      const sizes = computed && integersOf(node, inputs);
      if (sizes !== undefined) computed?.set(nameAt(node.output, 0), sizes);
    }
  }
  return lookup;
}

function merge(stated: ValueType | undefined, inferred: ValueType | undefined): ValueType {
  // Nothing is stated of most values.
  if (stated === undefined && inferred !== undefined) return inferred;
  const elemType = stated?.elemType ?? inferred?.elemType;
  const [a, b] = [stated?.shape, inferred?.shape];
  const shape = a === undefined ? b : a.length === b?.length ? a.map((dim, i) => dim ?? b[i]) : a;
  return { elemType, shape };
}

function tensorType({ dataType, dims }: Pick<TensorProto, 'dataType' | 'dims'>): ValueType {
  return possible({ elemType: dataType, shape: dims.map(Number) });
}
