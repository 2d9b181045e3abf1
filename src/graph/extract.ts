/** Models made for looking into another one. */

import { makeNode } from '../onnx/attributes.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import { nameAt } from '../onnx/operands.ts';
import { create, type NodeProto, type TensorProto } from '../onnx/schema.ts';
import { definingScope, type Scope } from './scope.ts';
import { type PlacedNode, viewOf } from './view.ts';

/** The model with further values among its outputs. Their types are left to the runtime. */
export function withOutputs(model: Model, names: readonly string[]): Model {
  const { graph } = model.proto;
  const present = new Set(graph.output.map(({ name }) => name));
  const added = [...new Set(names)]
    .filter((name) => !present.has(name))
    .map((name) => create('ValueInfoProto', { name }));
  return withGraph(model, { ...graph, output: [...graph.output, ...added] });
}

/** The model with nothing but the shapes of values as outputs, int64 vectors, in the order of the names. */
export function shapesOnly(model: Model, names: readonly string[]): Model {
  const { graph } = model.proto;
  const { values, nodes } = namesOf(graph);
  const node = names.map((name) =>
    makeNode('Shape', [name], [values.fresh(`gn_swap/shape/${name}`)], nodes.fresh('gn_swap/shape')),
  );
  const output = node.map((it) => create('ValueInfoProto', { name: nameAt(it.output, 0) }));
  return withGraph(model, { ...graph, node: [...graph.node, ...node], output });
}

/** The nodes of those names, of the outermost graph that has any of them, in its order. */
export function placedNodes(model: Model, names: Iterable<string>): PlacedNode[] {
  const view = viewOf(model);
  const placed = [...new Set(names)].flatMap((name) => view.nodesNamed(name));
  const [first, ...others] = new Set(placed.map(({ scope }) => scope));
  if (first === undefined) return [];
  const outermost =
    others.length === 0 ? first : view.scopes.find((scope) => scope === first || others.includes(scope));
  return placed.filter(({ scope }) => scope === outermost).sort((a, b) => a.index - b.index);
}

/** What stores a value that a graph can see: an initializer or a Constant node; undefined if it is made or given otherwise. */
export function storedValue(
  scope: Scope,
  name: string,
): { readonly tensor: TensorProto } | { readonly node: NodeProto } | undefined {
  const owner = name === '' ? undefined : definingScope(scope, name);
  const tensor = owner?.initializers.get(name);
  if (tensor !== undefined) return { tensor };
  const node = owner?.producers.get(name);
  return node?.opType === 'Constant' ? { node } : undefined;
}
