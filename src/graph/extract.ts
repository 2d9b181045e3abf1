/** Models made for looking into another one. */

import { makeNode } from '../onnx/attributes.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import { nameAt } from '../onnx/operands.ts';
import { create, type NodeProto, type TensorProto } from '../onnx/schema.ts';
import { definingScope, readsWithin, type Scope } from './scope.ts';
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

/** Of fewer nodes less, a graph is not worth writing anew. */
const WORTH_CUTTING = 7 / 8;

/**
 * The model up to some of its values: as its outputs, without the nodes and weights that none of them hangs on. With its own outputs, too, if it
 * would have nearly all of its nodes, or they are not in order.
 */
export function upTo(model: Model, names: readonly string[]): Model {
  const { graph } = model.proto;
  const wanted = new Set(names);
  const node: NodeProto[] = [];
  const others: NodeProto[] = [];
  for (const it of graph.node.toReversed()) {
    if (!it.output.some((name) => wanted.has(name))) {
      others.push(it);
      continue;
    }
    node.push(it);
    for (const name of readsWithin(it)) wanted.add(name);
  }
  const isInOrder = others.every(({ output }) => !output.some((name) => name !== '' && wanted.has(name)));
  if (!isInOrder || node.length > WORTH_CUTTING * graph.node.length) return withOutputs(model, names);
  const stored = new Set(graph.initializer.map(({ name }) => name));
  return withGraph(model, {
    ...graph,
    node: node.reverse(),
    initializer: graph.initializer.filter(({ name }) => wanted.has(name)),
    // What was the default of an input would have to be given.
    input: graph.input.filter(({ name }) => wanted.has(name) || !stored.has(name)),
    output: [...new Set(names)].map((name) => create('ValueInfoProto', { name })),
    valueInfo: graph.valueInfo.filter(({ name }) => wanted.has(name)),
  });
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
