/** Collects the nodes of one site, and the constants that sites share. */
import { type AttributeValue, makeAttributes } from './attributes.ts';
import { DataType } from './data-type.ts';
import type { Folder } from './folder.ts';
import { createNode } from './messages.ts';
import type { Names } from './names.ts';
import type { AttributeProto, NodeProto, TensorProto } from './schema.ts';
import { makeTensor } from './tensor.ts';

/** Constants of one graph: equal ones are one tensor, and equal attributes one list. */
export class Constants {
  readonly #byContent = new Map<string, string>();
  readonly #attributes = new Map<string, readonly AttributeProto[]>();
  readonly #names: Names;
  readonly tensors: TensorProto[] = [];

  constructor(names: Names) {
    this.#names = names;
  }

  /** Name of a tensor with these values. */
  name(role: string, type: DataType, dims: readonly number[], values: readonly number[]): string {
    const uniform = values.length > 4 && values.every((value) => value === values[0]);
    const key = JSON.stringify([type, dims, uniform ? [values[0], values.length] : values]);
    const known = this.#byContent.get(key);
    if (known !== undefined) return known;
    const name = this.#names.fresh(`gn_swap/${role}`);
    this.#byContent.set(key, name);
    this.tensors.push(makeTensor(name, type, dims, values));
    return name;
  }

  /** The attributes of a record. Those of integers are the same list for all nodes that have them. */
  attributes(values: Readonly<Record<string, AttributeValue>>): readonly AttributeProto[] {
    let key = '';
    for (const name in values) {
      const value = values[name];
      if (typeof value !== 'number' && !Array.isArray(value)) return makeAttributes(values);
      key += `${name}=${typeof value === 'number' ? value : `[${value}]`} `;
    }
    const known = this.#attributes.get(key);
    if (known !== undefined) return known;
    const made = makeAttributes(values);
    this.#attributes.set(key, made);
    return made;
  }
}

/** What a {@link Builder} is made with. */
export interface BuilderContext {
  /** Of the standard domain. */
  readonly opset: number;
  readonly values: Names;
  readonly nodes: Names;
  readonly constants: Constants;
  /** Name of a parameter that all sites share. */
  shared?(name: string, type: DataType, value: number): string;
  /** Name of a parameter with the given dimensions and numbers; those of the plan where it has the role. */
  parameter(role: string, dims: readonly number[], values?: ArrayLike<number>): string;
}

export class Builder {
  readonly nodes: NodeProto[] = [];
  readonly opset: number;
  readonly #prefix: string;
  readonly #context: BuilderContext;
  readonly #values: Folder;
  readonly #nodes: Folder;

  /** @param prefix of the names of nodes and values */
  constructor(prefix: string, context: BuilderContext) {
    this.#prefix = prefix;
    this.#context = context;
    this.#values = context.values.under(prefix);
    this.#nodes = context.nodes.under(prefix);
    this.opset = context.opset;
  }

  /**
   * Adds a node, and returns its first output's name: the given one, or a fresh one after the role.
   *
   * @param more roles of further outputs
   */
  node(
    opType: string,
    role: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    output?: string,
    more: readonly string[] = [],
  ): string {
    // One text for both: the node and its output are called the same nearly always.
    const wanted = `${this.#prefix}/${role}`;
    const name = output ?? this.#values.fresh(role, wanted);
    const outputs = more.length === 0 ? [name] : [name, ...more.map((it) => this.#values.fresh(it))];
    const nodeName = this.#nodes.fresh(role, wanted);
    this.nodes.push(createNode(opType, inputs, outputs, nodeName, this.#context.constants.attributes(attributes)));
    return name;
  }

  /** Adds a Reshape to constant dimensions; 0 copies the input's, −1 is what remains. */
  reshape(role: string, input: string, dims: readonly number[], output?: string): string {
    return this.node('Reshape', role, [input, this.ints('shape', dims)], {}, output);
  }

  /** Adds a ReduceMean that keeps the axes. */
  mean(role: string, input: string, ...axes: readonly number[]): string {
    // Axes are an attribute up to opset 17 and an input from 18 on.
    if (this.opset < 18) return this.node('ReduceMean', role, [input], { axes, keepdims: 1 });
    return this.node('ReduceMean', role, [input, this.ints('axes', axes)], { keepdims: 1 });
  }

  /** Adds a ReduceSum that keeps the axes. */
  sum(role: string, input: string, ...axes: readonly number[]): string {
    // Axes are an attribute up to opset 12 and an input from 13 on.
    if (this.opset < 13) return this.node('ReduceSum', role, [input], { axes, keepdims: 1 });
    return this.node('ReduceSum', role, [input, this.ints('axes', axes)], { keepdims: 1 });
  }

  /** Adds a Slice of the first axis. */
  slice(role: string, input: string, start: number, end: number): string {
    // Both are attributes up to opset 9 and inputs from 10 on.
    if (this.opset < 10) return this.node('Slice', role, [input], { axes: [0], starts: [start], ends: [end] });
    const [starts, ends, axes] = [start, end, 0].map((value) => this.ints('shape', [value]));
    return this.node('Slice', role, [input, starts as string, ends as string, axes as string]);
  }

  /** Adds a Cast. */
  cast(role: string, input: string, to: DataType, output?: string): string {
    return this.node('Cast', role, [input], { to }, output);
  }

  /** A constant list of integers. */
  ints(role: string, values: readonly number[]): string {
    return this.#context.constants.name(`${role}_${values.join('_')}`, DataType.INT64, [values.length], values);
  }

  /** A constant scalar. */
  scalar(role: string, type: DataType, value: number): string {
    return this.#context.constants.name(role, type, [], [value]);
  }

  /** A constant vector of one value. */
  filled(role: string, type: DataType, count: number, value: number): string {
    return this.#context.constants.name(`${role}_${count}`, type, [count], new Array<number>(count).fill(value));
  }

  /**
   * A parameter as an initializer of the given dimensions: γ′ (`scale`), β′ (`bias`), or another that the form has.
   *
   * @param values where they are not those of the plan
   */
  parameter(role: string, dims: readonly number[], values?: ArrayLike<number>): string {
    return this.#context.parameter(role, dims, values);
  }

  /** A number that is one initializer of that name for all sites of a type. */
  shared(name: string, type: DataType, value: number): string {
    return this.#context.shared?.(name, type, value) ?? this.scalar(name, type, value);
  }

  /** Adds a node of the source with other inputs, and returns its output's name. */
  copy(node: NodeProto, input: readonly string[], output?: string): string {
    const made = output ?? this.#values.fresh(node.opType);
    const name = this.#nodes.fresh(node.name || node.opType);
    this.nodes.push({ ...node, input, output: [made], name });
    return made;
  }
}
