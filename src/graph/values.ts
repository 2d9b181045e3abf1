/**
 * The values of a graph, each once: a large graph has 350,000, and tables for each question about them take longer to fill, and to look
 * things up in, than everything else that a search does.
 */
import type { GraphProto, NodeProto, SparseTensorProto, TensorProto, ValueInfoProto } from '../onnx/schema.ts';
import type { ValueType } from '../onnx/value-type.ts';

/** What a graph defines, reads or states the type of under one name. */
export class Value {
  readonly name: string;
  /** The graph whose name this is. */
  readonly graph: GraphProto;
  producer: NodeProto | undefined = undefined;
  /** Of the first node that makes it; −1 if none does. */
  place = -1;
  initializer: TensorProto | undefined = undefined;
  sparseInitializer: SparseTensorProto | undefined = undefined;
  input: ValueInfoProto | undefined = undefined;
  /** How many places of the graph read it: nodes' inputs, and outputs of the graph. */
  uses = 0;
  /** Its reader, or a list if there are several: most values have one, and a list for each takes memory. */
  readers: NodeProto | NodeProto[] | undefined = undefined;
  /** As far as it was inferred. */
  type: ValueType | undefined = undefined;
  /** Uses that an edit leaves it; see `orphans.ts`. */
  left = 0;

  constructor(name: string, graph: GraphProto) {
    this.name = name;
    this.graph = graph;
  }

  get isDefined(): boolean {
    return (
      this.producer !== undefined ||
      this.initializer !== undefined ||
      this.input !== undefined ||
      this.sparseInitializer !== undefined
    );
  }
}

export class Values {
  readonly #graph: GraphProto;
  readonly #all = new Map<string, Value>();
  #early: number | undefined;

  constructor(graph: GraphProto) {
    this.#graph = graph;
    // By index, and not of pairs, which are an array for each of maybe 100,000 nodes.
    for (let index = 0; index < graph.node.length; index++) {
      const node = graph.node[index] as NodeProto;
      for (let at = 0; at < node.output.length; at++) {
        const name = node.output[at] as string;
        if (name === '') continue;
        const value = this.of(name);
        value.producer = node;
        if (value.place < 0) value.place = index;
      }
    }
    for (const tensor of graph.initializer) this.of(tensor.name).initializer = tensor;
    for (const tensor of graph.sparseInitializer) this.of(tensor.values?.name ?? '').sparseInitializer = tensor;
    for (const info of graph.input) this.of(info.name).input = info;
  }

  get(name: string): Value | undefined {
    return this.#all.get(name);
  }

  /** The value of that name; a new one if there is none yet. */
  of(name: string): Value {
    const known = this.#all.get(name);
    if (known !== undefined) return known;
    const made = new Value(name, this.#graph);
    this.#all.set(name, made);
    return made;
  }

  /** All of them, also those that are only read. */
  all(): Iterable<Value> {
    this.count();
    return this.#all.values();
  }

  /** All names, also those that are only read. */
  names(): Iterable<string> {
    this.count();
    return this.#all.keys();
  }

  /** Fills in who reads each value, if that was not done; what subgraphs read of it is counted there. */
  count(): this {
    if (this.#early !== undefined) return this;
    let early = 0;
    const { node: nodes, output } = this.#graph;
    for (let index = 0; index < nodes.length; index++) {
      const node = nodes[index] as NodeProto;
      const { input } = node;
      const isPlain = readsEachOnce(input);
      let isEarly = false;
      for (let at = 0; at < input.length; at++) {
        const name = input[at] as string;
        if (name === '') continue;
        const value = this.of(name);
        value.uses++;
        if (value.place > index) isEarly = true;
        if (isPlain) noteReader(value, node);
      }
      if (isEarly) early++;
      if (!isPlain) for (const name of readsOf(node)) noteReader(this.of(name), node);
    }
    for (const { name } of output) if (name !== '') this.of(name).uses++;
    this.#early = early;
    return this;
  }

  /** How many nodes read what only a later node makes, subgraphs left out. */
  get early(): number {
    this.count();
    return this.#early ?? 0;
  }
}

/** Inputs of a node that are looked through by a table. */
const MANY = 16;

/** The values that a node reads itself, each once. */
export function readsOf({ input }: NodeProto): readonly string[] {
  return readsEachOnce(input) ? input : [...new Set(input)].filter((name) => name !== '');
}

/** Whether inputs are as most nodes': few, none is left out, which has no name, and none is there twice. */
function readsEachOnce(input: readonly string[]): boolean {
  if (input.length > MANY) return false;
  for (let at = 0; at < input.length; at++) {
    if (input[at] === '' || input.indexOf(input[at] as string) !== at) return false;
  }
  return true;
}

function noteReader(value: Value, node: NodeProto): void {
  const { readers } = value;
  if (readers === undefined) value.readers = node;
  else if (Array.isArray(readers)) readers.push(node);
  else value.readers = [readers, node];
}
