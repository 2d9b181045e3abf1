/** Names that nothing in a model has yet. */
import { subgraphsOf } from './attributes.ts';
import type { GraphProto } from './schema.ts';

/** Hands out names. Values and nodes have separate name spaces in ONNX; one of these serves one space. */
export class Names {
  readonly #taken: Set<string>;
  /** Where to go on counting, by wanted name: a model may hold any number of names that count already. */
  readonly #next = new Map<string, number>();

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  /** The wanted name, or it with the smallest number behind it that makes it new. Taken from then on. */
  fresh(wanted: string): string {
    let name = wanted;
    let n = this.#next.get(wanted) ?? 2;
    for (; this.#taken.has(name); n++) name = `${wanted}_${n}`;
    if (name !== wanted) this.#next.set(wanted, n);
    this.#taken.add(name);
    return name;
  }
}

/** The names of all values and all nodes of a graph and its subgraphs. */
export function namesOf(graph: GraphProto): { values: Names; nodes: Names } {
  const values = new Set<string>();
  const nodes = new Set<string>();
  const pending = [graph];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const { name } of [...at.input, ...at.output, ...at.initializer, ...at.valueInfo]) values.add(name);
    for (const { values: sparse } of at.sparseInitializer) if (sparse !== undefined) values.add(sparse.name);
    for (const node of at.node) {
      nodes.add(node.name);
      for (const name of node.input) values.add(name);
      for (const name of node.output) values.add(name);
      for (const inner of subgraphsOf(node)) pending.push(inner.graph);
    }
  }
  return { values: new Names(values), nodes: new Names(nodes) };
}
