/** Which sites can't be solved from data beside the source. */
import { subgraphsOf } from '../onnx/attributes.ts';
import type { Model } from '../onnx/model.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';
import type { SitePlan } from '../plan/index.ts';

/**
 * Operators whose output has a shape that hangs on values: on those of all inputs from the given one on. Detections, above
 * all: the rewritten path may have another number of them than the source.
 */
const SHAPE_FROM: Readonly<Record<string, number>> = {
  Compress: 0,
  ConstantOfShape: 0,
  If: 0,
  NonMaxSuppression: 0,
  NonZero: 0,
  Range: 0,
  Unique: 0,
  Expand: 1,
  Pad: 1,
  Reshape: 1,
  Resize: 1,
  Slice: 1,
  Tile: 1,
  TopK: 1,
  Upsample: 1,
};
/** Operators that look at nothing but the shape of their input. */
const OF_SHAPE = new Set(['Shape', 'Size']);

/** Sites in subgraphs, those whose x has not the shape in both paths, and those whose x is a constant. */
export function unsolvable(model: Model, sites: readonly SitePlan[]): Set<SitePlan> {
  const varying = varyingIn(model.proto.graph);
  const found = new Set(sites.filter(({ site }) => site.path !== '' || isConstant(site.node, varying)));
  const atNode = new Map(sites.map((it) => [it.site.node, it]));
  // Values that differ between source and rewritten path, and those that may even have another shape.
  const differing = new Set<string>();
  const reshaped = new Set<string>();
  for (const node of model.proto.graph.node) {
    const site = atNode.get(node);
    const reads = readsOf(node);
    const from = SHAPE_FROM[node.opType];
    const isReshaped =
      reads.some((name) => reshaped.has(name)) ||
      (from !== undefined && node.input.slice(from).some((name) => differing.has(name)));
    const differs = site !== undefined || holdsSite(node, atNode) || reads.some((name) => differing.has(name));
    for (const name of node.output) {
      if (isReshaped) reshaped.add(name);
      if (isReshaped || (differs && !OF_SHAPE.has(node.opType))) differing.add(name);
    }
    if (site !== undefined && isReshaped) found.add(site);
  }
  return found;
}

/** Why a site is one of them, for the user. */
export function whyUnsolved({ site }: SitePlan): string {
  const where =
    site.path !== ''
      ? 'in a subgraph'
      : isConstant(site.node, varyingIn(site.graph))
        ? 'its input does not depend on the input of the model'
        : 'after an operator whose output shape may change with the swap';
  return `${where}, so solved from running statistics, not from the data`;
}

/** Of a graph that has been looked through: each site that asks why would look through all of it. */
const known = new WeakMap<GraphProto, ReadonlySet<string>>();

/** Values of the main graph that hang on what a caller gives, or on chance. */
function varyingIn(graph: GraphProto): ReadonlySet<string> {
  const before = known.get(graph);
  if (before !== undefined) return before;
  const stored = new Set(graph.initializer.map(({ name }) => name));
  const varying = new Set(graph.input.flatMap(({ name }) => (stored.has(name) ? [] : [name])));
  for (const node of graph.node) {
    if (!isConstant(node, varying)) for (const name of node.output) varying.add(name);
  }
  known.set(graph, varying);
  return varying;
}

function isConstant(node: NodeProto, varying: ReadonlySet<string>): boolean {
  return !node.opType.startsWith('Random') && !readsOf(node).some((name) => varying.has(name));
}

/** What a node and its subgraphs read. */
function readsOf(node: NodeProto): string[] {
  const inner = subgraphsOf(node);
  return inner.length === 0
    ? [...node.input]
    : [...node.input, ...inner.flatMap(({ graph }) => graph.node.flatMap(readsOf))];
}

function holdsSite(node: NodeProto, sites: ReadonlyMap<NodeProto, SitePlan>): boolean {
  return subgraphsOf(node).some(({ graph }) => graph.node.some((it) => sites.has(it) || holdsSite(it, sites)));
}
