/**
 * Calls of model-local functions → the nodes of their bodies.
 *
 * A function's body holds no initializers, and one body serves many calls. To give each call its own parameters, under
 * names that a trainer finds, the call is replaced by the body
 * (https://github.com/onnx/onnx/blob/main/docs/IR.md#model-functions).
 */
import { mapSubgraphs } from '../onnx/attributes.ts';
import { type Model, normalDomain, opsetVersion } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import type { FunctionProto, GraphProto, ModelProto, NodeProto } from '../onnx/schema.ts';
import { CallGraph } from './call-graph.ts';
import { instantiate } from './instantiate.ts';

/** A function that could not be inlined, and why. */
export interface NotInlined {
  readonly function: FunctionProto;
  readonly reason: string;
}

/** Functions that call functions deeper than this are left alone: no exporter nests so far. */
const DEPTH_LIMIT = 64;
/** Nodes that calls may unfold to: far more than any model has, and few enough to hold. */
const NODE_LIMIT = 200_000;

/**
 * Inlines every call of the functions whose bodies hold, directly or through further calls, a node that `wanted`
 * picks. Other functions stay functions. Output names of the calling nodes do not change.
 */
export function inlineFunctions(
  model: Model,
  wanted: (node: NodeProto) => boolean,
): { model: Model; notInlined: NotInlined[] } {
  const { functions, graph } = model.proto;
  if (functions.length === 0) return { model, notInlined: [] };
  const calls = new CallGraph(functions);
  const { chosen, notInlined } = choose(model, calls, wanted);
  if (chosen.size === 0) return { model, notInlined };

  const names = namesOf(graph);
  const inlined = new Set<FunctionProto>();
  const expand = (nodes: readonly NodeProto[]): NodeProto[] =>
    nodes.flatMap((node) => {
      const target = calls.callee(node);
      if (target === undefined || !chosen.has(target)) return [mapSubgraphs(node, expandGraph)];
      inlined.add(target);
      return expand(instantiate(target, node, names));
    });
  const expandGraph = (it: GraphProto): GraphProto => {
    const node = expand(it.node);
    return node.length === it.node.length && node.every((n, i) => n === it.node[i]) ? it : { ...it, node };
  };
  const expanded = expandGraph(graph);
  if (inlined.size === 0) return { model, notInlined };
  const proto = {
    ...model.proto,
    graph: expanded,
    functions: stillNeeded(model.proto, expanded, inlined, calls),
    opsetImport: withImportsOf(model.proto, inlined),
  };
  return { model: { proto, home: model.home }, notInlined };
}

/** The functions to inline, of those that the main graph reaches, and those that should be but can't. */
function choose(
  model: Model,
  calls: CallGraph,
  wanted: (node: NodeProto) => boolean,
): { chosen: ReadonlySet<FunctionProto>; notInlined: NotInlined[] } {
  const holding = calls.holders(wanted, calls.reachable(calls.calledBy([model.proto.graph.node]).keys()));
  const notInlined: NotInlined[] = [];
  const { order, cyclic } = calls.calleesFirst(holding);
  for (const it of cyclic) notInlined.push({ function: it, reason: 'it calls itself, directly or through another' });
  const chosen = new Set<FunctionProto>();
  const depths = new Map<FunctionProto, number>();
  const sizes = new Map<FunctionProto, number>();
  const imports = new Map<string, number>();
  for (const it of order) {
    let depth = 1;
    let size = calls.size(it);
    for (const [target, times] of calls.calls(it)) {
      if (!chosen.has(target)) continue;
      depth = Math.max(depth, 1 + (depths.get(target) ?? 0));
      size += times * (sizes.get(target) ?? 0);
    }
    const reason = obstacle(it, model.proto, imports) ?? excess(depth, size);
    if (reason !== undefined) {
      notInlined.push({ function: it, reason });
      continue;
    }
    depths.set(it, depth);
    sizes.set(it, size);
    for (const { domain, version } of it.opsetImport) imports.set(normalDomain(domain), Number(version ?? 0));
    chosen.add(it);
  }
  let total = 0;
  for (const [target, times] of calls.calledBy([model.proto.graph.node])) total += times * (sizes.get(target) ?? 0);
  const tooMany = excess(0, total);
  if (tooMany === undefined) return { chosen, notInlined };
  for (const it of chosen) notInlined.push({ function: it, reason: tooMany });
  return { chosen: new Set(), notInlined };
}

/** @param imports versions that the functions chosen so far are written for */
function obstacle(it: FunctionProto, proto: ModelProto, imports: ReadonlyMap<string, number>): string | undefined {
  for (const { domain } of it.opsetImport) {
    const [own, given] = [opsetVersion(it, domain), opsetVersion(proto, domain) ?? imports.get(normalDomain(domain))];
    if (given !== undefined && own !== given) {
      return `its opset${domain === '' ? '' : ` of ${domain}`} is ${own}, that of the model ${given}`;
    }
  }
  return undefined;
}

function excess(depth: number, size: number): string | undefined {
  if (depth > DEPTH_LIMIT) return `its calls go deeper than ${DEPTH_LIMIT} functions`;
  return size > NODE_LIMIT ? `its calls unfold to ${size} nodes` : undefined;
}

/** All functions but those whose every call is inlined. */
function stillNeeded(
  proto: ModelProto,
  graph: GraphProto,
  inlined: ReadonlySet<FunctionProto>,
  calls: CallGraph,
): FunctionProto[] {
  const bodies = [graph.node];
  for (const { initialization, algorithm } of proto.trainingInfo) {
    for (const it of [initialization, algorithm]) if (it !== undefined) bodies.push(it.node);
  }
  const others = proto.functions.filter((it) => !inlined.has(it));
  const needed = calls.reachable([...calls.calledBy(bodies).keys(), ...others]);
  return proto.functions.filter((it) => needed.has(it));
}

/** The model's operator sets, and those that only the inlined bodies use. */
function withImportsOf(proto: ModelProto, inlined: ReadonlySet<FunctionProto>): ModelProto['opsetImport'] {
  const imports = [...proto.opsetImport];
  const known = new Set(imports.map(({ domain }) => normalDomain(domain)));
  for (const it of [...inlined].flatMap(({ opsetImport }) => opsetImport)) {
    const domain = normalDomain(it.domain);
    if (known.has(domain)) continue;
    known.add(domain);
    imports.push(it);
  }
  return imports.length === proto.opsetImport.length ? proto.opsetImport : imports;
}
