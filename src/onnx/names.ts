/** Names that nothing in a model has yet. */
import { subgraphsOf } from './attributes.ts';
import type { GraphProto } from './schema.ts';

/** Hands out names. Values and nodes have separate name spaces in ONNX; one of these serves one space. */
export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  /** The wanted name, or it with the smallest number behind it that makes it new. Taken from then on. */
  fresh(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#taken.has(name); n++) name = `${wanted}_${n}`;
    this.#taken.add(name);
    return name;
  }

  /** Gives a name back, because what bore it is removed. */
  release(name: string): void {
    this.#taken.delete(name);
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
