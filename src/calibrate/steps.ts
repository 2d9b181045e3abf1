/**
 * Sites in the order that their statistics can be found in: each step comes behind those before it alone.
 *
 * Sites that share one μ and one σ², as those of a head on several levels, are in one step, behind all that comes before any of them. If one
 * of them comes behind another, as in a block that is applied again and again, they have no step in common: each is on its own.
 */
import { tiesOf } from '../find/tied.ts';
import { subgraphsOf } from '../onnx/attributes.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';
import type { SitePlan } from '../plan/index.ts';

/** Sites in steps, and those of them that share their statistics. */
export interface Order {
  readonly steps: readonly (readonly SitePlan[])[];
  readonly ties: readonly (readonly SitePlan[])[];
}

/** @param sites of the graph itself, not of its subgraphs */
export function inOrder(graph: GraphProto, sites: readonly SitePlan[]): Order {
  let ties = tiesOf(sites);
  const least = new Map<SitePlan, number>();
  for (;;) {
    const steps = stepsFrom(graph, sites, least);
    const stepOf = new Map([...steps.entries()].flatMap(([step, list]) => list.map((it) => [it, step] as const)));
    const lastOf = (members: readonly SitePlan[]) => Math.max(...members.map((it) => stepOf.get(it) ?? 0));
    const apart = ties.filter((members) => members.some((it) => stepOf.get(it) !== lastOf(members)));
    if (apart.length === 0) return { steps: steps.filter((list) => list.length > 0), ties };
    // One of them comes behind another, so that they move each other on and on.
    const endless = apart.filter((members) => lastOf(members) > sites.length);
    if (endless.length > 0) {
      ties = ties.filter((members) => !endless.includes(members));
      least.clear();
      continue;
    }
    for (const members of apart) for (const it of members) least.set(it, lastOf(members));
  }
}

/** @param least the first step that a site may be in */
function stepsFrom(graph: GraphProto, sites: readonly SitePlan[], least: ReadonlyMap<SitePlan, number>): SitePlan[][] {
  const atNode = new Map(sites.map((it) => [it.site.node, it]));
  const depths = new Map<string, number>();
  const readBy = (node: NodeProto): number[] => [
    ...node.input.map((name) => depths.get(name) ?? 0),
    ...subgraphsOf(node).flatMap((inner) => inner.graph.node.flatMap(readBy)),
  ];
  const steps: SitePlan[][] = [];
  for (const node of graph.node) {
    const read = readBy(node).reduce((a, b) => Math.max(a, b), 0);
    const site = atNode.get(node);
    const before = site === undefined ? read : Math.max(read, least.get(site) ?? 0);
    if (site !== undefined) {
      while (steps.length <= before) steps.push([]);
      steps[before]?.push(site);
    }
    for (const name of node.output) depths.set(name, before + (site === undefined ? 0 : 1));
  }
  return steps;
}
