/**
 * What the format asks of a graph and no runtime need be loaded for.
 *
 * 1. In a graph, each value is made once, by a node, an initializer or an input; before IR 4 an initializer is listed as an input.
 * 2. A node reads what is made before it, in its graph or in one around it.
 * 3. A graph returns what is made.
 * 4. Each domain that nodes are of is imported, once, unless the model defines the function itself.
 */
import { subgraphsOf } from '../onnx/attributes.ts';
import { FIRST_IR_WITH_FREE_INITIALIZERS, type Model, normalDomain } from '../onnx/model.ts';
import { calledBy } from '../onnx/operands.ts';
import type { FunctionProto, GraphProto, NodeProto } from '../onnx/schema.ts';
import { CallGraph } from './call-graph.ts';

/** What is not as the format asks, and where. */
export interface Illegality {
  readonly what: 'value-twice' | 'value-undefined' | 'opset-import' | 'not-listed';
  /** Name of the node, or of the value where no node is to blame. */
  readonly node: string;
  readonly message: string;
}

/** All that is wrong, in the order of the file. */
export function illegalities(model: Model): Illegality[] {
  const { proto } = model;
  const found: Illegality[] = [];
  const calls = new CallGraph(proto.functions);
  const checkImports = importsOf(proto.opsetImport, found);
  const visit = (graph: GraphProto, outer: ReadonlySet<string>, isImported: Importer, isMain: boolean) => {
    const own = new Set<string>();
    const define = (name: string, node: string) => {
      if (name !== '' && own.has(name)) found.push(twice(name, node));
      own.add(name);
    };
    for (const { name } of graph.input) define(name, name);
    const inputs = new Set(graph.input.map(({ name }) => name));
    for (const name of initializerNames(graph)) {
      if (!inputs.has(name)) define(name, name);
      if (isMain && !inputs.has(name) && Number(proto.irVersion) < FIRST_IR_WITH_FREE_INITIALIZERS)
        found.push(notListed(name, proto.irVersion));
    }
    visitNodes(graph.node, own, outer, define, isImported);
    for (const { name } of graph.output) {
      if (!own.has(name) && !outer.has(name)) {
        const message = `the graph returns ${JSON.stringify(name)}, which nothing makes`;
        found.push({ what: 'value-undefined', node: name, message });
      }
    }
  };
  const visitNodes = (
    nodes: readonly NodeProto[],
    own: ReadonlySet<string>,
    outer: ReadonlySet<string>,
    define: (name: string, node: string) => void,
    isImported: Importer,
  ) => {
    for (const node of nodes) {
      const name = calledBy(node);
      for (const input of node.input) {
        if (input !== '' && !own.has(input) && !outer.has(input)) found.push(undefinedValue(input, node, name, nodes));
      }
      if (calls.callee(node) === undefined && !isImported(node.domain)) {
        const message = `it is of the domain ${JSON.stringify(node.domain)}, which the model does not import`;
        found.push({ what: 'opset-import', node: name, message });
      }
      const subgraphs = subgraphsOf(node);
      const visible = subgraphs.length === 0 ? own : new Set([...outer, ...own]);
      for (const { graph } of subgraphs) visit(graph, visible, isImported, false);
      for (const output of node.output) define(output, name);
    }
  };
  visit(proto.graph, new Set(), checkImports, true);
  for (const it of proto.functions) visitFunction(it, found, visitNodes);
  return found;
}

type Importer = (domain: string) => boolean;

function importsOf(imports: FunctionProto['opsetImport'], found: Illegality[]): Importer {
  const known = new Set<string>();
  for (const { domain } of imports) {
    const name = normalDomain(domain);
    if (known.has(name)) {
      const message = `the operator sets of the domain ${JSON.stringify(name)} are imported twice`;
      found.push({ what: 'opset-import', node: name, message });
    }
    known.add(name);
  }
  return (domain) => known.has(normalDomain(domain));
}

function visitFunction(
  it: FunctionProto,
  found: Illegality[],
  visitNodes: (
    nodes: readonly NodeProto[],
    own: ReadonlySet<string>,
    outer: ReadonlySet<string>,
    define: (name: string, node: string) => void,
    isImported: Importer,
  ) => void,
): void {
  const own = new Set(it.input);
  const define = (name: string, node: string) => {
    if (name !== '' && own.has(name)) found.push(twice(name, node));
    own.add(name);
  };
  visitNodes(it.node, own, new Set(), define, importsOf(it.opsetImport, found));
  for (const name of it.output) {
    if (own.has(name)) continue;
    const message = `the function ${it.domain}.${it.name} returns ${JSON.stringify(name)}, which nothing makes`;
    found.push({ what: 'value-undefined', node: it.name, message });
  }
}

function* initializerNames(graph: GraphProto): Generator<string> {
  for (const { name } of graph.initializer) yield name;
  for (const { values } of graph.sparseInitializer) yield values?.name ?? '';
}

function twice(name: string, node: string): Illegality {
  return { what: 'value-twice', node, message: `the value ${JSON.stringify(name)} is made twice` };
}

function notListed(name: string, irVersion: Model['proto']['irVersion']): Illegality {
  const message = `an initializer of a file of IR ${irVersion} must be listed among the inputs`;
  return { what: 'not-listed', node: name, message };
}

function undefinedValue(input: string, node: NodeProto, name: string, nodes: readonly NodeProto[]): Illegality {
  const maker = nodes.find(({ output }) => output.includes(input));
  const later =
    maker === undefined ? 'has no producer' : `only a later node, ${JSON.stringify(maker.name || maker.opType)}, makes`;
  return {
    what: 'value-undefined',
    node: name,
    message: `${node.opType} reads ${JSON.stringify(input)}, which ${later}`,
  };
}
