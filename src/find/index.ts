/** Model → sites: every place where a pattern stands, or why it is not one. */

import { inlineFunctions } from '../graph/inline.ts';
import { inOrder } from '../graph/order.ts';
import type { Scope } from '../graph/scope.ts';
import { type View, viewOf } from '../graph/view.ts';
import { requireModel } from '../onnx/given.ts';
import type { Model } from '../onnx/model.ts';
import { Names, namesOf } from '../onnx/names.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { affineNeighbours } from './affine-neighbours.ts';
import { batchNormalization, hangsOnConstants } from './batch-normalization.ts';
import { foldedConv, mayHaveBias } from './folded-conv.ts';
import { frozenNorm } from './frozen.ts';
import type { SiteKind } from './kinds.ts';
import type { Pattern, SearchContext } from './pattern.ts';
import { tieSites } from './tied.ts';
import type { Found, Refusal, Site } from './types.ts';

export const PATTERNS: readonly Pattern[] = [batchNormalization, frozenNorm, foldedConv];

/** The model that {@link findSites} looked at: in order, with calls of functions that hold a norm replaced by their bodies. */
export interface Search extends Found {
  readonly model: Model;
  /** How many nodes of the model given read what only a later one makes. */
  readonly early: number;
}

/**
 * Finds the sites of a model, in the main graph, its subgraphs and the functions it calls.
 *
 * A function that holds a norm is inlined first, so that each call gets parameters of its own. Plan and rewrite the
 * returned model, not the one given.
 *
 * @param evaluated values that could only be known by running them; see {@link Found.unevaluated}
 * @param kind which places count; the default is `batchnorm`
 * @param named expressions for names of Conv that are sites of `folded` whatever they look like
 * @throws GnSwapError `invalid-arguments` for what is not a model
 */
export function findSites(
  given: Model,
  evaluated: ReadonlyMap<string, TensorProto> = new Map(),
  kind: SiteKind = 'batchnorm',
  named: readonly RegExp[] = [],
): Search {
  requireModel(given, 'findSites');
  const patterns = PATTERNS.filter((pattern) => kind === 'all' || pattern.kind.includes(kind));
  const wanted = (node: NodeProto) => patterns.some((pattern) => pattern.matches(node));
  const { model: ordered, early } = inOrder(given);
  const { model, notInlined } = inlineFunctions(ordered, batchNormalization.matches);
  const refusals: Refusal[] = notInlined.map(({ function: it, reason }) => ({
    name: it.name,
    path: '',
    op: `function ${it.domain}.${it.name}`,
    code: 'function',
    reason: `the function contains a BatchNormalization and cannot be inlined: ${reason}`,
    remedy:
      'Export the model without local functions, or inline them with onnx.inliner, with convert_version if their opset differs',
  }));

  const view = viewOf(model);
  const { scopes } = view;
  const candidates = scopes.flatMap((scope) => scope.graph.node.filter(wanted).map((node) => ({ scope, node })));
  if (candidates.length === 0) return { model, early, sites: [], refusals, unevaluated: [] };
  const context = contextOf(view, evaluated, named);
  const matches = candidates.flatMap(({ scope, node }) => {
    const pattern = patterns.find((it) => it.matches(node)) as Pattern;
    return pattern.looks?.(node, scope, context) === false ? [] : [{ pattern, scope, node }];
  });
  const names = uniqueNames(matches.map(({ node }) => node));
  const sites: Site[] = [];
  const unevaluated = new Set<string>();
  const taken = new Set<NodeProto>();
  for (const [index, { pattern, scope, node }] of matches.entries()) {
    const name = names[index] as string;
    context.needsRunning.length = 0;
    const result = pattern.check(node, scope, name, context);
    const isRefused = typeof result === 'object' && 'code' in result;
    for (const value of isRefused ? [] : context.needsRunning) unevaluated.add(value);
    if (result === 'unevaluated') {
      refusals.push({
        name,
        path: scope.path,
        op: node.opType,
        code: 'parameters-need-running',
        reason: `${context.needsRunning.map((it) => JSON.stringify(it)).join(', ')} must be computed first`,
        remedy: 'Drop --no-verify, so that ONNX Runtime can compute them',
      });
    } else if ('code' in result) {
      refusals.push({ name, path: scope.path, op: node.opType, ...result });
    } else {
      const neighbours = pattern === batchNormalization ? affineNeighbours(result, scope, context, taken) : undefined;
      sites.push(neighbours === undefined ? result : { ...result, neighbours });
    }
  }
  return { model, early, sites: tieSites(sites), refusals, unevaluated: [...unevaluated] };
}

function contextOf(view: View, evaluated: ReadonlyMap<string, TensorProto>, named: readonly RegExp[]): SearchContext {
  const { model, opset, scopes, typeOf, uses } = view;
  const isInput = (scope: Scope, name: string) => scope.inputs.has(name) && !scope.initializers.has(name);
  let ranks: Map<string, number> | undefined;
  let names: Names | undefined;
  return {
    model,
    opset,
    scopes,
    typeOf,
    uses,
    evaluated,
    needsRunning: [],
    mayBeConstant: (scope, name) => hangsOnConstants(scope, name, isInput, typeOf),
    readersOf: (name) => view.readersOf(name),
    isOutput: (name) => view.isOutput(name),
    freshValue: (wanted) => {
      names ??= namesOf(model.proto.graph).values;
      return names.fresh(wanted);
    },
    isNamed: (name) => named.some((expression) => name.search(expression) >= 0),
    consumerRank: (name) => {
      ranks ??= ranksDemanded(scopes);
      return ranks.get(name);
    },
  };
}

function ranksDemanded(scopes: readonly Scope[]): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const { graph, initializers } of scopes) {
    for (const { opType, input } of graph.node) {
      const rank = opType === 'Conv' ? initializers.get(nameAt(input, 1))?.dims.length : undefined;
      if (rank !== undefined && input[0] !== undefined) ranks.set(input[0], rank);
    }
  }
  return ranks;
}

/**
 * Names to call nodes by, each a different one: a node may have no name, share one with another, or be called as another's
 * output is; and branches of one If may use the same names for everything.
 */
function uniqueNames(nodes: readonly NodeProto[]): string[] {
  const count = new Map<string, number>();
  for (const { name } of nodes) count.set(name, (count.get(name) ?? 0) + 1);
  // As most exporters have it.
  if (count.size === nodes.length && !count.has('')) return [...count.keys()];
  const given = new Names([...count].flatMap(([name, nodesOfName]) => (nodesOfName === 1 ? [name] : [])));
  return nodes.map(({ name, opType, output }) =>
    name !== '' && count.get(name) === 1 ? name : given.fresh(output[0] || name || opType),
  );
}

/** How many Conv look as if a norm was folded into them: where a model has none, these are where it was. */
export function countFoldedConv(model: Model): number {
  // A norm that was folded leaves a bias. Where no Conv has one, there is nothing to search.
  if (!mayBeFolded(model)) return 0;
  return findSites(model, undefined, 'folded').sites.filter(({ pattern }) => pattern === foldedConv.name).length;
}

function mayBeFolded(model: Model): boolean {
  const view = viewOf(model);
  return view.scopes.some(({ graph }) =>
    graph.node.some((node) => foldedConv.matches(node) && mayHaveBias(node, view)),
  );
}
