/** The one site that a report shows with its graph: which it is, and what stands there before and after. */
import { neighbourhood } from '../graph/neighbourhood.ts';
import { viewOf } from '../graph/view.ts';
import type { Model } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { Plan, SitePlan } from '../plan/index.ts';
import type { Draft } from './job.ts';
import type { ShownNode, ShownSite } from './outcome.ts';

/**
 * Chooses the site whose answers differ most from the source's, else the one that the data fit worst, else the first, and cuts its graph
 * out of both models.
 *
 * @returns undefined if there is no site, or its graph cannot be shown
 */
export function shownSite(
  before: Model,
  after: Model,
  plan: Plan,
  { verification, calibration }: Pick<Draft, 'verification' | 'calibration'>,
): ShownSite | undefined {
  const differ = verification?.observed?.sites ?? [];
  const fits = (calibration?.fits ?? []).filter(({ r2 }) => !Number.isNaN(r2));
  const [why, name] =
    differ.length > 0
      ? (['differs', most(differ, ({ relative }) => relative)?.name] as const)
      : fits.length > 0
        ? (['fits-worst', most(fits, ({ r2 }) => -r2)?.name] as const)
        : (['first', plan.sites[0]?.site.name] as const);
  const planned = plan.sites.find(({ site }) => site.name === name);
  if (planned === undefined) return undefined;
  const [old, own] = [before, after].map((model) => nodesAround(model, planned)) as [NodeProto[], NodeProto[]];
  if (old.length === 0 || own.length === 0) return undefined;
  return { site: planned.site.name, why, before: shown(old, own), after: shown(own, old) };
}

function nodesAround(model: Model, { site: { path, input, output, kept, node } }: SitePlan): NodeProto[] {
  const scope = viewOf(model).scopes.find((it) => it.path === path);
  // Behind a Conv that stays, the Conv is shown too.
  return scope === undefined
    ? []
    : neighbourhood(scope.graph.node, kept === undefined ? input : nameAt(node.input, 0), output);
}

function shown(nodes: readonly NodeProto[], others: readonly NodeProto[]): ShownNode[] {
  const known = new Set(others.map(keyOf));
  return nodes.map((node) => ({
    op: node.opType,
    isOwn: !known.has(keyOf(node)),
    reads: nodes.flatMap((from, index) =>
      from.output.some((name) => name !== '' && node.input.includes(name)) ? [index] : [],
    ),
  }));
}

function keyOf({ opType, output }: NodeProto): string {
  return `${opType} ${nameAt(output, 0)}`;
}

function most<T>(list: readonly T[], of: (it: T) => number): T | undefined {
  return list.reduce<T | undefined>((best, it) => (best === undefined || of(it) > of(best) ? it : best), undefined);
}
