/** Forward, backward and optimizer nodes → one model. */

import { readsWithin } from '../graph/scope.ts';
import { makeNode, mapSubgraphs, subgraphsOf } from '../onnx/attributes.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { create, type ModelProto, type NodeProto, type TensorProto, type ValueInfoProto } from '../onnx/schema.ts';
import { inline } from '../onnx/tensor.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import type { FixedType, Forward } from './forward.ts';
import { needed } from './walk.ts';
import type { NameSpaces } from './writer.ts';

/** A value of the interface. */
export interface Port {
  readonly name: string;
  readonly type: FixedType;
}

export interface Parts {
  readonly forward: Forward;
  readonly nodes: readonly NodeProto[];
  /** Constants that were written, beside those of the forward graph. */
  readonly added: Iterable<TensorProto>;
  /** Inputs beside the model's own. */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** The model; what no output hangs on is left out. */
export function assemble(source: Model, { forward, nodes, added, inputs, outputs }: Parts): Model {
  const info = ({ name, type }: Port): ValueInfoProto => makeValueInfo(name, type.type, type.dims);
  const node = needed(nodes, new Set(outputs.map(({ name }) => name)));
  const read = new Set([...node.flatMap(readsWithin), ...outputs.map(({ name }) => name)]);
  const stored = [...forward.constants.values(), ...added].filter(({ name }) => read.has(name));
  const graph = create('GraphProto', {
    name: `${source.proto.graph.name || 'model'}/gradient`,
    node: node.map((it) => standingAlone(it, forward)),
    initializer: stored.map((tensor) => inline(tensor, forward.external)),
    input: [...forward.inputs, ...inputs.map(info)],
    output: outputs.map(info),
  });
  const opsetImport = [
    create('OperatorSetIdProto', { domain: '', version: forward.opset }),
    ...importsOf(node, forward.imports ?? source.proto.opsetImport),
  ];
  const irVersion = Math.max(8, Number(source.proto.irVersion));
  return { ...source, proto: { ...create('ModelProto', { irVersion, producerName: 'gn-swap', opsetImport }), graph } };
}

/** The operator sets beside the standard one that nodes are of, those of their subgraphs as well; each once. */
function importsOf(nodes: readonly NodeProto[], imports: ModelProto['opsetImport']): ModelProto['opsetImport'] {
  const domains = new Set<string>();
  const pending = [nodes];
  for (let list = pending.pop(); list !== undefined; list = pending.pop()) {
    for (const node of list) {
      domains.add(node.domain);
      for (const { graph } of subgraphsOf(node)) pending.push(graph.node);
    }
  }
  const isFirst = (domain: string, at: number) => imports.findIndex((it) => it.domain === domain) === at;
  return imports.filter(({ domain }, at) => normalDomain(domain) !== '' && domains.has(domain) && isFirst(domain, at));
}

/** The node, with the data of all tensors of its subgraphs in them. */
function standingAlone(node: NodeProto, forward: Forward): NodeProto {
  const withData = (inner: NodeProto): NodeProto => {
    const attribute = inner.attribute.map((it) =>
      it.t?.dataLocation === 1 ? { ...it, t: inline(it.t, forward.external) } : it,
    );
    return standingAlone({ ...inner, attribute }, forward);
  };
  return mapSubgraphs(node, (graph) => ({
    ...graph,
    node: graph.node.map(withData),
    initializer: graph.initializer.map((tensor) => inline(tensor, forward.external)),
  }));
}

/**
 * Gives values the names that they are to have: where a node makes them for that name alone by renaming, else by an Identity.
 *
 * @param wanted names to give, each with the value that it stands for
 */
export function named(
  nodes: readonly NodeProto[],
  wanted: ReadonlyMap<string, string>,
  names: NameSpaces,
): NodeProto[] {
  const made = new Set(nodes.flatMap(({ output }) => output));
  const renamed = new Map<string, string>();
  const passed: NodeProto[] = [];
  for (const [name, value] of wanted) {
    if (name === value) continue;
    if (made.has(value) && !renamed.has(value)) renamed.set(value, name);
    else
      passed.push(makeNode('Identity', [renamed.get(value) ?? value], [name], names.nodes.fresh(`${name}/Identity`)));
  }
  const after = (name: string) => renamed.get(name) ?? name;
  return [
    ...nodes.map((node) => ({ ...node, input: node.input.map(after), output: node.output.map(after) })),
    ...passed,
  ];
}
