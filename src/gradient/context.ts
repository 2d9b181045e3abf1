/** One node of the forward graph as its gradient rule sees it. */
import { GnSwapError } from '../errors.ts';
import type { AttributeValue } from '../onnx/attributes.ts';
import { DataType, isFloat } from '../onnx/data-type.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { dimsOf, valuesOf } from '../onnx/tensor.ts';
import type { GradientContext, Numbers } from '../operators/gradient-rule.ts';
import type { FixedType, Forward } from './forward.ts';
import type { Writer } from './writer.ts';

/** A rule's own refusal, for the walk to collect. */
export class RuleRefusal extends Error {
  readonly remedy: string | undefined;

  constructor(reason: string, remedy: string | undefined) {
    super(reason);
    this.remedy = remedy;
  }
}

/** What the walk knows of a node when it comes to its rule. */
export interface At {
  readonly forward: Forward;
  readonly writer: Writer;
  readonly node: NodeProto;
  readonly gradients: readonly (string | undefined)[];
  /** What the node's spelling kept. */
  readonly saved: Readonly<Record<string, string>>;
  /** Names of values whose gradients are needed. */
  readonly wanted: ReadonlySet<string>;
  /** Values that are the same in every run and are not wanted. */
  isConstant(value: string): boolean;
  /** Names an output that the node leaves out, and makes the node give it. */
  addOutput(index: number): string;
}

export class NodeContext implements GradientContext {
  readonly node: NodeProto;
  readonly opset: number;
  readonly #at: At;

  constructor(at: At) {
    this.#at = at;
    this.node = at.node;
    this.opset = at.forward.opset;
  }

  input(index: number): string {
    return nameAt(this.node.input, index);
  }

  output(index: number): string {
    return this.node.output[index] || this.#at.addOutput(index);
  }

  gradient(index: number): string | undefined {
    return this.#at.gradients[index];
  }

  wants(index: number): boolean {
    return this.#at.wanted.has(this.input(index));
  }

  dims(value: string): readonly number[] {
    return this.#fixed(value).dims;
  }

  type(value: string): DataType {
    return this.#fixed(value).type;
  }

  constant(value: string): Numbers | undefined {
    const tensor = this.#at.isConstant(value) ? this.#at.forward.constants.get(value) : undefined;
    return tensor && { dims: dimsOf(tensor), values: valuesOf(tensor, this.#at.forward.external) };
  }

  saved(role: string): string {
    const name = this.#at.saved[role];
    if (name !== undefined) return name;
    throw new GnSwapError('internal', `${JSON.stringify(role)} was not kept`, { node: this.node.name });
  }

  op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    output?: string,
  ): string {
    return this.#at.writer.op(opType, inputs, attributes, output);
  }

  ops(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
    outputs: number,
  ): string[] {
    return [...this.#at.writer.ops(opType, inputs, attributes, outputs)];
  }

  scalar(value: number, type = this.#floatType()): string {
    return this.#at.writer.scalar(type, value);
  }

  tensor(dims: readonly number[], values: ArrayLike<number>, type = this.#floatType()): string {
    return this.#at.writer.tensor(type, dims, values);
  }

  ints(values: readonly number[]): string {
    return this.#at.writer.ints(values);
  }

  sumTo(value: string, from: readonly number[], to: readonly number[]): string {
    return this.#at.writer.sumTo(value, from, to);
  }

  refuse(reason: string, remedy?: string): never {
    throw new RuleRefusal(reason, remedy);
  }

  #floatType(): DataType {
    for (const name of this.node.input) {
      const known = this.#at.forward.types.get(name);
      if (known !== undefined && isFloat(known.type)) return known.type;
    }
    return DataType.FLOAT;
  }

  #fixed(value: string): FixedType {
    const known = this.#at.forward.types.get(value);
    if (known !== undefined) return known;
    throw new GnSwapError('internal', `the type of ${JSON.stringify(value)} is not known`, {
      node: this.node.name || this.node.opType,
    });
  }
}
