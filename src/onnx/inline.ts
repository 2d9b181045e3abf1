/**
 * Calls of model-local functions → the nodes of their bodies.
 *
 * A function's body holds no initializers, and one body serves many calls. To give each call its own parameters, under
 * names that a trainer finds, the call is replaced by the body
 * (https://github.com/onnx/onnx/blob/main/docs/IR.md#model-functions).
 */
import { makeNode, mapSubgraphs, subgraphsOf } from './attributes.ts';
import { type Model, normalDomain, opsetVersion } from './model.ts';
import { type Names, namesOf } from './names.ts';
import type { AttributeProto, FunctionProto, GraphProto, NodeProto } from './schema.ts';

/** A function that could not be inlined, and why. */
export interface NotInlined {
  readonly function: FunctionProto;
  readonly reason: string;
}

/** Functions calling functions deeper than this are taken for a cycle, which ONNX forbids. */
const DEPTH_LIMIT = 64;

/**
 * Inlines every call of the functions whose bodies hold, directly or through further calls, a node that `wanted`
 * picks. Other functions stay functions. Output names of the calling nodes do not change.
 */
export function inlineFunctions(
  model: Model,
  wanted: (node: NodeProto) => boolean,
): { model: Model; notInlined: NotInlined[] } {
  const { functions, graph } = model.proto;
  const byKey = new Map(functions.map((it) => [keyOf(it.domain, it.name, it.overload), it]));
  const callee = (node: NodeProto) => byKey.get(keyOf(node.domain, node.opType, node.overload));
  const chosen = closure(functions, wanted, callee);
  const notInlined: NotInlined[] = [];
  for (const it of chosen) {
    const reason = obstacle(it, model);
    if (reason === undefined) continue;
    chosen.delete(it);
    notInlined.push({ function: it, reason });
  }
  if (chosen.size === 0) return { model, notInlined };

  const names = namesOf(graph);
  const expand = (nodes: readonly NodeProto[], depth: number): NodeProto[] =>
    nodes.flatMap((node) => {
      const target = callee(node);
      if (target !== undefined && chosen.has(target) && depth < DEPTH_LIMIT) {
        return expand(instantiate(target, node, names), depth + 1);
      }
      return [mapSubgraphs(node, (inner) => expandGraph(inner, depth))];
    });
  const expandGraph = (it: GraphProto, depth: number): GraphProto => {
    const node = expand(it.node, depth);
    return node.length === it.node.length && node.every((n, i) => n === it.node[i]) ? it : { ...it, node };
  };
  const inlined = expandGraph(graph, 0);
  if (inlined === graph) return { model, notInlined };
  const proto = { ...model.proto, graph: inlined, functions: functions.filter((it) => !chosen.has(it)) };
  return { model: { ...model, proto }, notInlined };
}

function keyOf(domain: string, name: string, overload: string): string {
  return JSON.stringify([normalDomain(domain), name, overload]);
}

/** Functions that hold a wanted node, and those that call them. */
function closure(
  functions: readonly FunctionProto[],
  wanted: (node: NodeProto) => boolean,
  callee: (node: NodeProto) => FunctionProto | undefined,
): Set<FunctionProto> {
  const chosen = new Set<FunctionProto>();
  const holds = (nodes: readonly NodeProto[]): boolean =>
    nodes.some((node) => {
      const target = callee(node);
      if (wanted(node) || (target !== undefined && chosen.has(target))) return true;
      return subgraphsOf(node).some(({ graph }) => holds(graph.node));
    });
  for (let before = -1; before < chosen.size; ) {
    before = chosen.size;
    for (const it of functions) if (!chosen.has(it) && holds(it.node)) chosen.add(it);
  }
  return chosen;
}

function obstacle(it: FunctionProto, model: Model): string | undefined {
  for (const { domain } of it.opsetImport) {
    const [own, models] = [opsetVersion(it, domain), opsetVersion(model.proto, domain)];
    if (models !== undefined && own !== models) {
      return `it is written for opset ${own}${domain === '' ? '' : ` of ${domain}`} and the model for ${models}`;
    }
  }
  return undefined;
}

/** A copy of a function's body for one call, with the call's inputs, outputs and attributes in place. */
function instantiate(it: FunctionProto, call: NodeProto, names: { values: Names; nodes: Names }): NodeProto[] {
  const prefix = call.name || call.output.find((name) => name !== '') || it.name;
  const rename = new Map<string, string>();
  for (const [index, name] of it.input.entries()) rename.set(name, call.input[index] ?? '');
  const passedOn: NodeProto[] = [];
  for (const [index, name] of it.output.entries()) {
    const output = call.output[index] ?? '';
    if (output === '') continue;
    // An output that is an input, or another output under a second name, needs a node that passes it on.
    if (rename.has(name))
      passedOn.push(makeNode('Identity', [rename.get(name) ?? ''], [output], names.nodes.fresh(`${prefix}/Identity`)));
    else rename.set(name, output);
  }
  const attributes = new Map(it.attributeProto.map((attribute) => [attribute.name, attribute]));
  for (const attribute of call.attribute) attributes.set(attribute.name, attribute);
  const valueName = (name: string): string => {
    if (name === '') return '';
    const known = rename.get(name);
    if (known !== undefined) return known;
    const fresh = names.values.fresh(`${prefix}/${name}`);
    rename.set(name, fresh);
    return fresh;
  };
  const copy = (node: NodeProto): NodeProto => ({
    ...node,
    input: node.input.map(valueName),
    output: node.output.map(valueName),
    name: names.nodes.fresh(`${prefix}/${node.name || node.opType}`),
    attribute: mapSubgraphs(node, copyGraph).attribute.flatMap((attribute) => bind(attribute, attributes)),
  });
  const copyGraph = (graph: GraphProto): GraphProto => {
    const named = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
      list.map((entry) => ({ ...entry, name: valueName(entry.name) }));
    return {
      ...graph,
      input: named(graph.input),
      initializer: named(graph.initializer),
      valueInfo: named(graph.valueInfo),
      node: graph.node.map(copy),
      output: named(graph.output),
    };
  };
  return [...it.node.map(copy), ...passedOn];
}

/** An attribute that refers to one of the function's takes its value; without a value it is absent. */
function bind(attribute: AttributeProto, values: ReadonlyMap<string, AttributeProto>): AttributeProto[] {
  if (attribute.refAttrName === '') return [attribute];
  const value = values.get(attribute.refAttrName);
  return value === undefined ? [] : [{ ...value, name: attribute.name }];
}
