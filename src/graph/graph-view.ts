/** What recognisers ask about the graph around a node. */
import { GnSwapError } from '../errors.ts';
import { subgraphsOf } from '../onnx/attributes.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { GraphProto, NodeProto, TensorProto } from '../onnx/schema.ts';
import { elementCount, valuesOf } from '../onnx/tensor.ts';
import type { ValueType } from '../onnx/value-type.ts';
import { constantInts, constantOf } from './constants.ts';
import type { TypeLookup } from './infer.ts';
import { definingScope, noteReader, type Scope } from './scope.ts';

/** More numbers than any parameter of a norm has. */
const MOST_CHANNELS = 1e6;
const STEP_LIMIT = 100;
/** What stands between a stored parameter and its use. */
const PASSES = new Set(['Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Cast']);

/** γ or β as a model holds it. */
export interface Parameter {
  /** Of the initializer or the Constant's output that holds it, whatever is in between. */
  readonly name: string;
  /** [C] numbers, in whatever shape. */
  readonly tensor: TensorProto;
}

export class GraphView {
  readonly scope: Scope;
  readonly #model: Model;
  readonly #typeOf: TypeLookup;
  #readers: Map<string, NodeProto[]> | undefined;
  #places: Map<NodeProto, number> | undefined;

  constructor(model: Model, scope: Scope, typeOf: TypeLookup) {
    this.#model = model;
    this.scope = scope;
    this.#typeOf = typeOf;
  }

  /** The node of this graph that makes a value, where it is one of these standard operators. */
  maker(value: string, ...operators: readonly string[]): NodeProto | undefined {
    const node = this.scope.producers.get(value);
    return node !== undefined && normalDomain(node.domain) === '' && operators.includes(node.opType) ? node : undefined;
  }

  /** The one standard node that reads a value; `undefined` where there are more, or the graph returns it. */
  soleReader(value: string, ...operators: readonly string[]): NodeProto | undefined {
    this.#readers ??= readersOf(this.scope.graph);
    const [node, ...others] = this.#readers.get(value) ?? [];
    const isOutput = this.scope.graph.output.some(({ name }) => name === value);
    if (node === undefined || others.length > 0 || isOutput || normalDomain(node.domain) !== '') return undefined;
    return operators.includes(node.opType) ? node : undefined;
  }

  /** All nodes of this graph that read a value, and those of its subgraphs. */
  readers(value: string): readonly NodeProto[] {
    this.#readers ??= readersOf(this.scope.graph);
    return this.#readers.get(value) ?? [];
  }

  type(value: string): ValueType {
    return this.#typeOf(this.scope, value);
  }

  /** A small list of integers that a value always is. */
  ints(value: string): number[] | undefined {
    return known(() => constantInts(this.scope, value, this.#model.home.open));
  }

  /** Numbers that a value always is. */
  numbers(value: string): Float64Array | undefined {
    const tensor = this.#constant(value);
    return tensor && known(() => valuesOf(tensor, this.#model.home.open));
  }

  /** The dimensions that a constant has where it is used; behind a Reshape or the like, as far as they are known. */
  dims(value: string): readonly number[] | undefined {
    const shape = this.type(value).shape;
    return shape?.every((dim): dim is number => dim !== undefined) ? shape : undefined;
  }

  /** A constant of `channels` numbers, or of any where that is not said. */
  parameter(value: string, channels?: number): Parameter | undefined {
    const tensor = this.#constant(value);
    if (tensor === undefined || (channels !== undefined && elementCount(tensor) !== channels)) return undefined;
    return { name: this.#root(value), tensor };
  }

  #constant(value: string): TensorProto | undefined {
    return known(() => constantOf(this.scope, value, this.#model.home.open, new Map(), MOST_CHANNELS));
  }

  #root(value: string): string {
    let [at, name]: [Scope | undefined, string] = [this.scope, value];
    for (let step = 0; step < STEP_LIMIT; step++) {
      at = at && definingScope(at, name);
      const producer = at?.producers.get(name);
      if (producer === undefined || !PASSES.has(producer.opType)) break;
      name = nameAt(producer.input, 0);
    }
    return name;
  }

  /** Whether a value is the same in every run, however it is computed; its makers, constants left out, go into the set. */
  #isFixed(value: string, within: Set<NodeProto>): boolean {
    const owner = definingScope(this.scope, value);
    if (owner === undefined || (owner.inputs.has(value) && !owner.initializers.has(value))) return false;
    const producer = owner.producers.get(value);
    if (producer === undefined || producer.opType === 'Constant') return true;
    if (owner !== this.scope || subgraphsOf(producer).length > 0 || producer.opType.startsWith('Random')) return false;
    if (within.has(producer)) return true;
    within.add(producer);
    return producer.input.every((name) => name === '' || this.#isFixed(name, within));
  }

  /**
   * The nodes that make `output` of `input`, constants left out, in the order of the graph.
   *
   * @returns `undefined` where something else that is not constant goes in
   */
  between(input: string, output: string): NodeProto[] | undefined {
    const found = new Set<NodeProto>();
    const pending = [output];
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      if (value === '' || value === input) continue;
      const producer = this.scope.producers.get(value);
      if (producer === undefined || producer.opType === 'Constant') {
        if (!this.#isFixed(value, found)) return undefined;
        continue;
      }
      if (found.has(producer)) continue;
      if (subgraphsOf(producer).length > 0 || found.size > STEP_LIMIT) return undefined;
      found.add(producer);
      pending.push(...producer.input);
    }
    this.#places ??= new Map(this.scope.graph.node.map((node, index) => [node, index]));
    const placeOf = (node: NodeProto) => this.#places?.get(node) ?? 0;
    return [...found].sort((a, b) => placeOf(a) - placeOf(b));
  }
}

/** `undefined` where data are not there, or not as the file says: what is no norm for that is found by whoever reads them all. */
function known<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof GnSwapError) return undefined;
    throw error;
  }
}

/** By value, the nodes that read it in a graph and in its subgraphs. */
function readersOf(graph: GraphProto): Map<string, NodeProto[]> {
  const readers = new Map<string, NodeProto[]>();
  const pending = [graph];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const node of at.node) {
      noteReader(readers, node);
      for (const inner of subgraphsOf(node)) {
        pending.push(inner.graph);
        // A subgraph may return a value of the graph around it.
        for (const { name } of inner.graph.output) readers.set(name, [...(readers.get(name) ?? []), node]);
      }
    }
  }
  return readers;
}
