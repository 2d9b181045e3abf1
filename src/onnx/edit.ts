/** Replacing nodes in a graph, with what that adds and what it leaves without a use. */
import { mapSubgraphs, subgraphsOf } from './attributes.ts';
import { create, type GraphProto, type NodeProto, type TensorProto, type ValueInfoProto } from './schema.ts';
import { countUses } from './scope.ts';

/** What is to change, in the main graph and its subgraphs. Graphs and nodes are named by identity. */
export interface Edit {
  /** Nodes that take another node's place. */
  readonly replace: ReadonlyMap<NodeProto, readonly NodeProto[]>;
  /** Nodes to put before all others of a graph. */
  readonly prepend: ReadonlyMap<GraphProto, readonly NodeProto[]>;
  readonly addInitializers: ReadonlyMap<GraphProto, readonly TensorProto[]>;
  /** Names of added initializers whose former definition is to go. */
  readonly redefined: ReadonlySet<string>;
  /** Whether an added initializer is to be listed among the inputs of its graph, as IR < 4 demands. */
  listAsInput(tensor: TensorProto): boolean;
}

/**
 * Applies an edit to a graph. Initializers, nodes and inputs that only the replaced nodes used are removed, and what
 * only those used, and so on; what was unused before stays.
 */
export function applyEdit(graph: GraphProto, edit: Edit): GraphProto {
  const replaced = substitute(graph, edit);
  const { names, nodes } = orphans(replaced, edit);
  return finish(replaced, graph, edit, names, nodes);
}

/** Pairs every graph with the one it came from, so that additions find their place after subgraphs were rebuilt. */
const origins = new WeakMap<GraphProto, GraphProto>();

function substitute(graph: GraphProto, edit: Edit): GraphProto {
  let changed = (edit.addInitializers.get(graph)?.length ?? 0) > 0 || (edit.prepend.get(graph)?.length ?? 0) > 0;
  const node: NodeProto[] = [];
  for (const before of graph.node) {
    const replacement = edit.replace.get(before);
    const after = replacement ?? [mapSubgraphs(before, (inner) => substitute(inner, edit))];
    if (replacement !== undefined || after[0] !== before) changed = true;
    for (const it of after) node.push(it);
  }
  if (!changed) return graph;
  const result = { ...graph, node };
  origins.set(result, graph);
  return result;
}

/** What lost its last use: names of values, and the nodes that made them. */
function orphans(graph: GraphProto, edit: Edit): { names: Set<string>; nodes: Set<NodeProto> } {
  const uses = countUses(graph);
  const producers = new Map<string, NodeProto>();
  forEachGraph(graph, ({ node }) => {
    for (const it of node) for (const name of it.output) if (name !== '') producers.set(name, it);
  });
  const names = new Set<string>();
  const nodes = new Set<NodeProto>();
  const candidates = [...edit.replace.keys()].flatMap((node) => node.input);
  const unused = (name: string) => name === '' || edit.redefined.has(name) || (uses.get(name) ?? 0) === 0;
  for (let name = candidates.pop(); name !== undefined; name = candidates.pop()) {
    if (name === '' || names.has(name) || !unused(name)) continue;
    const producer = producers.get(name);
    if (producer === undefined) {
      names.add(name);
    } else if (producer.output.every(unused)) {
      for (const output of producer.output) names.add(output);
      nodes.add(producer);
      const read = [...producer.input];
      for (const { graph: inner } of subgraphsOf(producer)) read.push(...countUses(inner).keys());
      for (const input of read) {
        uses.set(input, (uses.get(input) ?? 1) - 1);
        candidates.push(input);
      }
    }
  }
  return { names, nodes };
}

function forEachGraph(graph: GraphProto, visit: (graph: GraphProto) => void): void {
  const pending = [graph];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    visit(at);
    for (const node of at.node) for (const inner of subgraphsOf(node)) pending.push(inner.graph);
  }
}

function finish(
  graph: GraphProto,
  origin: GraphProto,
  edit: Edit,
  names: ReadonlySet<string>,
  nodes: ReadonlySet<NodeProto>,
): GraphProto {
  const added = edit.addInitializers.get(origin) ?? [];
  const isGone = ({ name }: { name: string }) => names.has(name);
  const listed = new Set(graph.input.filter(isGone).map(({ name }) => name));
  const initialized = new Set(graph.initializer.map(({ name }) => name));
  const inner = (it: GraphProto) => finish(it, origins.get(it) ?? it, edit, names, nodes);
  const node = [
    ...(edit.prepend.get(origin) ?? []),
    ...graph.node.filter((it) => !nodes.has(it)).map((it) => mapSubgraphs(it, inner)),
  ];
  const initializer = [...graph.initializer.filter((it) => !isGone(it)), ...added];
  // An input is the caller's; only one that an initializer backs is a parameter, and goes with it.
  const input = [
    ...graph.input.filter((it) => !(isGone(it) && initialized.has(it.name))),
    ...added.filter((it) => edit.listAsInput(it) || listed.has(it.name)).map(inputFor),
  ];
  const sparseInitializer = graph.sparseInitializer.filter((it) => !isGone({ name: it.values?.name ?? '' }));
  const valueInfo = graph.valueInfo.filter((it) => !isGone(it));
  const untouched =
    graph === origin &&
    added.length === 0 &&
    node.length === graph.node.length &&
    node.every((it, index) => it === graph.node[index]) &&
    initializer.length === graph.initializer.length &&
    input.length === graph.input.length &&
    sparseInitializer.length === graph.sparseInitializer.length &&
    valueInfo.length === graph.valueInfo.length;
  return untouched ? graph : { ...graph, node, initializer, input, sparseInitializer, valueInfo };
}

/** The input that lists an initializer. */
function inputFor(tensor: TensorProto): ValueInfoProto {
  const dim = tensor.dims.map((dimValue) => create('Dimension', { dimValue }));
  const shape = create('TensorShapeProto', { dim });
  const tensorType = create('TensorType', { elemType: tensor.dataType, shape });
  return create('ValueInfoProto', { name: tensor.name, type: create('TypeProto', { tensorType }) });
}
