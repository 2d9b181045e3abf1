/** Operators that choose rows by their numbers, and nodes that have numbers of the inputs to choose by. */
import { subgraphsOf } from '../onnx/attributes.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';

/** Operators whose result has as many rows as the data ask for. */
export const SELECTS = new Set(['NonMaxSuppression', 'NonZero', 'Unique', 'Compress']);

/**
 * Values that depend on the numbers of the inputs. What is computed from their sizes alone is not among them: exporters lay out
 * the cells of a grid by NonZero, and the largest of some sizes by TopK, and nothing is chosen there.
 */
export function byNumbers({ node, input, initializer }: GraphProto): ReadonlySet<string> {
  const stored = new Set(initializer.map(({ name }) => name));
  const known = new Set(input.map(({ name }) => name).filter((name) => !stored.has(name)));
  // Once more where a node stands behind its readers, as converters leave the Cast of an input.
  for (let count = -1; count < known.size; ) {
    count = known.size;
    for (const it of node) {
      if (it.opType === 'Shape' || it.opType === 'Size') continue;
      if (readsOf(it).some((name) => known.has(name))) for (const name of it.output) known.add(name);
    }
  }
  return known;
}

/** A node and all in its subgraphs. */
export function within(node: NodeProto): NodeProto[] {
  return [node, ...subgraphsOf(node).flatMap(({ graph }) => graph.node.flatMap(within))];
}

/** What a node reads, with what its subgraphs read. */
export function readsOf(node: NodeProto): string[] {
  return within(node).flatMap(({ input }) => input.filter((name) => name !== ''));
}
