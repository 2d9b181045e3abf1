/** The nodes of a site as a file has them. */
import { placedNodes } from '../graph/extract.ts';
import type { Scope } from '../graph/scope.ts';
import type { Model } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { RewrittenSite } from '../rewrite/index.ts';

/** What was found under the names of a site's nodes, and the values among them. */
export interface SiteNodes {
  readonly nodes: readonly NodeProto[];
  /** Of the graph that has them; `undefined` if none has one. */
  readonly scope: Scope | undefined;
  /** What the site reads, and what its nodes make, in their order. */
  readonly names: readonly string[];
  /** By name, its place in that list; of several the last. */
  readonly places: ReadonlyMap<string, number>;
}

/** Reads the nodes of a site from the file that it was written to. */
export function siteNodesOf(written: Model, it: RewrittenSite): SiteNodes {
  const { site } = it.plan;
  const own = placedNodes(written, it.nodeNames ?? it.nodes.map(({ name }) => name));
  // x is given, also where it is a constant of the model.
  const names = [site.input];
  for (const { node } of own) for (const name of node.output) if (name !== '') names.push(name);
  const places = new Map(names.map((name, place) => [name, place]));
  return { nodes: own.map(({ node }) => node), scope: own[0]?.scope, names, places };
}
