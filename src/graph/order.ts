/**
 * Nodes → the same nodes, each behind those that make what it reads.
 *
 * The format asks for that order (https://github.com/onnx/onnx/blob/main/docs/IR.md#graphs); ONNX Runtime does not, and its
 * float16 converter puts each Cast at the end. Only what stood too late moves, to right before its first reader. What reads
 * itself in a circle has no order, and nothing runs it.
 */
import { mapSubgraphs } from '../onnx/attributes.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';
import { readsWithin } from './scope.ts';
import { viewOf } from './view.ts';

/** A model in order, the very same one if it was; and how many nodes read what only a later one made. */
export interface Ordered {
  readonly model: Model;
  readonly early: number;
}

const known = new WeakMap<Model, Ordered>();

/** Puts the nodes of a model in order. Models are never changed, so each is gone through once. */
export function inOrder(model: Model): Ordered {
  const before = known.get(model);
  if (before !== undefined) return before;
  const ordered = sortModel(model);
  known.set(model, ordered);
  known.set(ordered.model, { model: ordered.model, early: 0 });
  return ordered;
}

function sortModel(model: Model): Ordered {
  const { proto } = model;
  // What most are: the search asks for their values anyway.
  const { scopes } = viewOf(model);
  if (scopes.length === 1 && proto.functions.length === 0 && scopes[0]?.values.early === 0) return { model, early: 0 };
  let early = 0;
  const sort = (nodes: readonly NodeProto[]): readonly NodeProto[] => {
    const own = nodes.map((node) => mapSubgraphs(node, sortGraph));
    const sorted = sortNodes(own);
    early += sorted.early;
    return sorted.nodes.every((node, index) => node === nodes[index]) ? nodes : sorted.nodes;
  };
  const sortGraph = (graph: GraphProto): GraphProto => {
    const node = sort(graph.node);
    return node === graph.node ? graph : { ...graph, node: [...node] };
  };
  const graph = sortGraph(proto.graph);
  const functions = proto.functions.map((it) => {
    const node = sort(it.node);
    return node === it.node ? it : { ...it, node: [...node] };
  });
  return { model: early === 0 ? model : withGraph(model, graph, { functions }), early };
}

function sortNodes(nodes: readonly NodeProto[]): { nodes: readonly NodeProto[]; early: number } {
  const places = new Map<string, number>();
  for (let index = 0; index < nodes.length; index++) {
    for (const name of (nodes[index] as NodeProto).output) if (!places.has(name)) places.set(name, index);
  }
  places.delete('');
  let early = 0;
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index] as NodeProto;
    for (const name of readsWithin(node)) {
      if ((places.get(name) ?? -1) <= index) continue;
      early++;
      break;
    }
  }
  if (early === 0) return { nodes, early };
  const makerOf = (name: string) => nodes[places.get(name) ?? -1] ?? [];
  const makersOf = (node: NodeProto) => [...readsWithin(node)].flatMap(makerOf);
  const sorted: NodeProto[] = [];
  const begun = new Set<NodeProto>();
  for (const first of nodes) {
    if (begun.has(first)) continue;
    begun.add(first);
    // Taken from the end, which costs nothing however many there are.
    const pending = [{ node: first, before: makersOf(first).reverse() }];
    for (let at = pending.at(-1); at !== undefined; at = pending.at(-1)) {
      const next = at.before.pop();
      if (next === undefined) {
        sorted.push(at.node);
        pending.pop();
      } else if (!begun.has(next)) {
        begun.add(next);
        pending.push({ node: next, before: makersOf(next).reverse() });
      }
    }
  }
  return { nodes: sorted, early };
}
