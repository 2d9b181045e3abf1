/** A small piece of a graph, to be shown: what lies between two values, and what stands around it. */
import type { NodeProto } from '../onnx/schema.ts';

/** More nodes than this make no picture that can be read. */
const MOST = 40;

/** A value may have many readers; the first few tell enough. */
const MOST_READERS = 3;

/**
 * Returns the nodes between two values, what makes the first, and what reads the second, in the order of the graph. Constants are left
 * out. Empty if nothing makes the second, or if there are too many to show.
 *
 * @param nodes of one graph
 * @param from value that the search stops at
 * @param to value that it begins at
 */
export function neighbourhood(nodes: readonly NodeProto[], from: string, to: string): NodeProto[] {
  const makers = new Map<string, NodeProto>();
  for (const node of nodes) for (const name of node.output) if (name !== '') makers.set(name, node);
  const found = new Set<NodeProto>();
  const pending = [to];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const maker = makers.get(name);
    if (maker === undefined || found.has(maker) || maker.opType === 'Constant') continue;
    found.add(maker);
    if (found.size > MOST) return [];
    if (name !== from) pending.push(...maker.input);
  }
  if (found.size === 0) return [];
  const readers = nodes.filter(({ input }) => input.includes(to)).slice(0, MOST_READERS);
  return nodes.filter((node) => found.has(node) || readers.includes(node));
}
