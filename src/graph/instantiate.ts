/** A function's body for one call: its inputs, outputs and attributes replaced by the call's, all else newly named. */
import { makeNode, mapSubgraphs } from '../onnx/attributes.ts';
import type { Names } from '../onnx/names.ts';
import { nameAt } from '../onnx/operands.ts';
import type { AttributeProto, FunctionProto, GraphProto, NodeProto } from '../onnx/schema.ts';

/**
 * The nodes that do what the call does.
 *
 * 1. The call's inputs and outputs keep their names; an input that it leaves out is left out of the body.
 * 2. An output that is an input, or another output under a second name, gets an Identity that passes it on.
 * 3. Attributes that refer to the function's take the call's value, else the function's default, else are left out.
 * 4. Names inside subgraphs hide those around them, as they did before.
 *
 * @param names of the graph that the nodes will stand in; new names are taken from them
 */
export function instantiate(
  it: FunctionProto,
  call: NodeProto,
  names: { readonly values: Names; readonly nodes: Names },
): NodeProto[] {
  const prefix = call.name || call.output.find((name) => name !== '') || it.name;
  const rename = new Renaming((name) => names.values.fresh(`${prefix}/${name}`));
  for (const [index, name] of it.input.entries()) rename.set(name, nameAt(call.input, index));
  const passedOn: NodeProto[] = [];
  for (const [index, name] of it.output.entries()) {
    const output = nameAt(call.output, index);
    if (output === '') continue;
    if (rename.has(name)) {
      passedOn.push(makeNode('Identity', [rename.of(name)], [output], names.nodes.fresh(`${prefix}/Identity`)));
    } else {
      rename.set(name, output);
    }
  }
  const attributes = new Map(it.attributeProto.map((attribute) => [attribute.name, attribute]));
  for (const attribute of call.attribute) attributes.set(attribute.name, attribute);

  const copy = (node: NodeProto, renaming: Renaming): NodeProto => ({
    ...node,
    input: node.input.map((name) => renaming.of(name)),
    output: node.output.map((name) => renaming.of(name)),
    name: names.nodes.fresh(`${prefix}/${node.name || node.opType}`),
    attribute: mapSubgraphs(node, (graph) => copyGraph(graph, renaming)).attribute.flatMap((attribute) =>
      bind(attribute, attributes),
    ),
  });
  const copyGraph = (graph: GraphProto, around: Renaming): GraphProto => {
    const renaming = around.inside(definedIn(graph));
    const named = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
      list.map((entry) => ({ ...entry, name: renaming.of(entry.name) }));
    return {
      ...graph,
      input: named(graph.input),
      initializer: named(graph.initializer),
      sparseInitializer: graph.sparseInitializer.map((sparse) => {
        const values = sparse.values && { ...sparse.values, name: renaming.of(sparse.values.name) };
        return { ...sparse, values };
      }),
      valueInfo: named(graph.valueInfo),
      node: graph.node.map((node) => copy(node, renaming)),
      output: named(graph.output),
      quantizationAnnotation: graph.quantizationAnnotation.map((annotation) => ({
        ...annotation,
        tensorName: renaming.of(annotation.tensorName),
        quantParameterTensorNames: annotation.quantParameterTensorNames.map((entry) => ({
          ...entry,
          value: renaming.of(entry.value),
        })),
      })),
    };
  };
  return [...it.node.map((node) => copy(node, rename)), ...passedOn];
}

/** New names for old ones, within one body or subgraph; what it does not know is looked up around it. */
class Renaming {
  readonly #known = new Map<string, string>();
  readonly #fresh: (name: string) => string;
  readonly #around: Renaming | undefined;

  constructor(fresh: (name: string) => string, around?: Renaming) {
    this.#fresh = fresh;
    this.#around = around;
  }

  has(name: string): boolean {
    return this.#known.has(name);
  }

  set(name: string, to: string): void {
    this.#known.set(name, to);
  }

  /** A name that nothing defines yet is made up at the outermost level, where the body's nodes stand. */
  of(name: string): string {
    if (name === '') return '';
    let at: Renaming = this;
    for (; at.#around !== undefined; at = at.#around) {
      const known = at.#known.get(name);
      if (known !== undefined) return known;
    }
    const known = at.#known.get(name) ?? at.#fresh(name);
    at.#known.set(name, known);
    return known;
  }

  /** The renaming of a subgraph that defines these names. */
  inside(defined: Iterable<string>): Renaming {
    const inner = new Renaming(this.#fresh, this);
    for (const name of defined) if (name !== '' && !inner.has(name)) inner.set(name, this.#fresh(name));
    return inner;
  }
}

function definedIn(graph: GraphProto): string[] {
  const entries = [...graph.input, ...graph.initializer].map(({ name }) => name);
  const sparse = graph.sparseInitializer.map(({ values }) => values?.name ?? '');
  return [...entries, ...sparse, ...graph.node.flatMap(({ output }) => output)];
}

/** An attribute that refers to one of the function's takes its value; without a value it is absent. */
function bind(attribute: AttributeProto, values: ReadonlyMap<string, AttributeProto>): AttributeProto[] {
  if (attribute.refAttrName === '') return [attribute];
  const value = values.get(attribute.refAttrName);
  return value === undefined ? [] : [{ ...value, name: attribute.name }];
}
