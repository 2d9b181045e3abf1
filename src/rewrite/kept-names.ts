/** Which parameters of a rewritten norm bear the names of those that they replace. */
import { formNamed } from '../forms/index.ts';
import { type Scope, valueIn } from '../graph/scope.ts';
import { type View, viewOf } from '../graph/view.ts';
import type { Model } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { Plan, SitePlan } from '../plan/index.ts';

/** What the parameters of a site take the place of: roles and names. */
export function formerNames({ form, more, site }: SitePlan): readonly (readonly [role: string, name: string])[] {
  const { node, before } = site;
  const layer = formNamed(form).takesIn && typeof before === 'object' ? before.node : undefined;
  const { parameters: own } = site;
  const names =
    layer === undefined && own !== undefined
      ? ['', own.scale, own.bias, own.mean, own.variance]
      : (layer ?? node).input;
  const [, first = '', second = '', mean = '', variance = ''] = names;
  const affine: [string, string][] = [
    [layer === undefined ? 'scale' : 'weight', first],
    ['bias', second],
  ];
  return more?.mean === undefined ? affine : [...affine, ['mean', mean], ['variance', variance]];
}

/** The nodes that spell a replaced norm, if nothing but replaced nodes reads what they make. */
function goneWith(sites: readonly SitePlan[], view: View, replaced: ReadonlySet<NodeProto>): ReadonlySet<NodeProto> {
  const spelling = sites.flatMap(({ site }) => (replaced.has(site.node) ? (site.nodes ?? []) : []));
  const gone = new Set<NodeProto>();
  if (spelling.length === 0) return gone;
  const outputs = new Set(view.scopes.flatMap(({ graph }) => graph.output.map(({ name }) => name)));
  const goes = (node: NodeProto) => replaced.has(node) || gone.has(node);
  const isFree = (name: string) => !outputs.has(name) && view.readersOf(name).every(goes);
  for (let before = -1; before < gone.size; ) {
    before = gone.size;
    for (const node of spelling) if (node.output.every(isFree)) gone.add(node);
  }
  return gone;
}

/**
 * Which parameters may have the name of what they replace, by site.
 *
 * 1. Nothing that stays reads a value of that name, in any graph: branches of one If may use the same names, and a name is
 *    how a trainer finds a parameter.
 * 2. Of several sites that use the name, the first in the plan keeps it.
 * 3. What makes the former value makes nothing else, so that it can go.
 * 4. Where initializers must be in the main graph, the former value is there.
 */
export function keptNames(model: Model, { sites }: Plan, inMainGraph: boolean): Map<SitePlan, string[]> {
  const view = viewOf(model);
  const replaced = new Set(sites.filter(({ site }) => site.kept === undefined).map(({ site }) => site.node));
  for (const { form, site } of sites) {
    if (formNamed(form).takesIn && typeof site.before === 'object') replaced.add(site.before.node);
  }
  for (const node of goneWith(sites, view, replaced)) replaced.add(node);
  const taken = new Set(['']);
  for (const { graph } of view.scopes) for (const { name } of graph.output) taken.add(name);
  const isRead = (name: string) => view.readersOf(name).some((node) => !replaced.has(node));
  const kept = new Map<SitePlan, string[]>();
  for (const it of sites) {
    const own: string[] = [];
    if (it.site.kept !== undefined) continue;
    for (const [role, name] of formerNames(it)) {
      const former = valueIn(view.scopeOf(it.site.graph) as Scope, name);
      const isAlone = (former?.producer?.output.length ?? 1) === 1;
      const isInside = former !== undefined && former.graph !== model.proto.graph;
      if (taken.has(name) || isRead(name) || !isAlone || (inMainGraph && isInside)) continue;
      taken.add(name);
      own.push(role);
    }
    kept.set(it, own);
  }
  return kept;
}
