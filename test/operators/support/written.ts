/** Nodes that gradient rules write, one rule or step at a time, and what ONNX Runtime computes of them. */
import { Net } from '../../../fixtures/build.ts';
import type { AttributeValue } from '../../../src/onnx/attributes.ts';
import { DataType } from '../../../src/onnx/data-type.ts';
import { create, type NodeProto } from '../../../src/onnx/schema.ts';
import type { GradientContext, Numbers } from '../../../src/operators/gradient-rule.ts';
import { numbersOf, type Value } from '../../../src/runtime/session.ts';
import { runModel, valueNamed } from '../../support/session.ts';

const OPSET = 18;

/** A context whose values are inputs with numbers of their own, so that all that is written can be run at once. */
export class Written implements GradientContext {
  readonly opset = OPSET;
  readonly node: NodeProto;
  readonly net = new Net({ opset: OPSET });
  readonly #dims = new Map<string, readonly number[]>();
  readonly #constants = new Map<string, Numbers>();
  readonly #feeds: Record<string, Value> = {};
  readonly #arriving: readonly (string | undefined)[];

  /** @param arriving names of the gradients of the node's outputs */
  constructor(node: Partial<NodeProto> = {}, arriving: readonly (string | undefined)[] = []) {
    this.node = create('NodeProto', node);
    this.#arriving = arriving;
  }

  /** Gives a value numbers; seeded if they are not given. */
  value(name: string, dims: readonly number[], values?: readonly number[]): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    const data = Float32Array.from(values ?? this.net.numbers(count, -0.5, 0.5));
    this.#dims.set(name, dims);
    this.#feeds[name] = { type: DataType.FLOAT, dims, data };
    return this.net.input(name, dims);
  }

  /** States the dimensions of a value that nothing makes here. */
  state(name: string, dims: readonly number[], constant?: readonly number[]): void {
    this.#dims.set(name, dims);
    if (constant !== undefined) this.#constants.set(name, { dims, values: Float64Array.from(constant) });
  }

  input = (index: number) => this.node.input[index] ?? '';
  output = (index: number) => this.node.output[index] ?? '';
  gradient = (index: number) => this.#arriving[index];
  wants: (index: number) => boolean = () => true;
  type = () => DataType.FLOAT;
  constant = (value: string) => this.#constants.get(value);
  saved = (role: string) => role;

  dims(value: string): readonly number[] {
    const known = this.#dims.get(value);
    if (known === undefined) throw new RangeError(`the dimensions of ${value} were not stated`);
    return known;
  }

  op(opType: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeValue>> = {}): string {
    return this.net.node(opType, inputs, attributes);
  }

  ops(): string[] {
    throw new RangeError('nodes of several outputs are not written here');
  }

  scalar(value: number, type: DataType = DataType.FLOAT): string {
    return this.net.weight(`c${this.net.initializers.length}`, [], [value], type);
  }

  tensor(dims: readonly number[], values: ArrayLike<number>, type: DataType = DataType.FLOAT): string {
    return this.net.weight(`c${this.net.initializers.length}`, dims, Array.from(values), type);
  }

  ints(values: readonly number[]): string {
    return this.tensor([values.length], values, DataType.INT64);
  }

  sumTo(): string {
    throw new RangeError('nothing is broadcast here');
  }

  refuse(reason: string): never {
    throw new RangeError(reason);
  }

  /** Runs what was written. */
  async run(name: string): Promise<{ readonly dims: readonly number[]; readonly values: readonly number[] }> {
    // Identity, as an input may be no output of a model.
    const output = this.net.node('Identity', [name]);
    const model = this.net.output(output).model();
    const value = valueNamed(await runModel(model, this.#feeds), output);
    this.net.outputs.pop();
    return { dims: value.dims, values: Array.from(numbersOf(value) ?? []) };
  }

  /** The numbers that a value was given. */
  stored(name: string): number[] {
    const value = this.#feeds[name];
    return Array.from((value && numbersOf(value)) ?? []);
  }
}

/** Relative to the largest number: float32 sums of some hundred products are as near. */
export function distance(found: readonly number[], expected: readonly number[]): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  const largest = Math.max(...expected.map(Math.abs), 1e-30);
  return Math.max(0, ...found.map((it, index) => Math.abs(it - (expected[index] as number)))) / largest;
}
