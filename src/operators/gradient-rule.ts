/** What a gradient rule is given, and what it returns. */
import type { AttributeValue } from '../onnx/attributes.ts';
import type { DataType } from '../onnx/data-type.ts';
import type { NodeProto } from '../onnx/schema.ts';

/** A constant as numbers, in row-major order. */
export interface Numbers {
  readonly dims: readonly number[];
  readonly values: Float64Array;
}

/**
 * One node of the forward graph, the gradients that arrive at its outputs, and ways to write nodes.
 *
 * The node is legal at opset 18 or later, whatever the file is at: older spellings were rewritten before (axes are inputs, Softmax
 * works on one axis, Upsample is Resize). All dimensions are known.
 */
export interface GradientContext {
  readonly node: NodeProto;
  /** Of the graph that is written: 18 or later. */
  readonly opset: number;
  /** Name of the node's input; `''` if it is left out. */
  input(index: number): string;
  /** Name of the node's output. One that the node does not give yet, such as MaxPool's indices, is given from then on. */
  output(index: number): string;
  /** Gradient that arrives at an output, in the output's dimensions; `undefined` if the loss does not read it. */
  gradient(index: number): string | undefined;
  /** Whether the gradient of this input is needed. What is not needed is left out by the rule, or is thrown away. */
  wants(index: number): boolean;
  /** Dimensions of a value of the forward graph, or of one that was written with known dimensions. */
  dims(value: string): readonly number[];
  /** Element type of a value of the forward graph. */
  type(value: string): DataType;
  /** The numbers of a value that is the same in every run; `undefined` if it is not. */
  constant(value: string): Numbers | undefined;
  /** What the operator's {@link Spelling} kept under that name. */
  saved(role: string): string;
  /** Adds a node of the standard domain, and returns its output's name: the given one, or a fresh one. */
  op(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    output?: string,
  ): string;
  /** Adds a node with several outputs, and returns their names. */
  ops(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
    outputs: number,
  ): string[];
  /** A constant scalar, of the type of the node's first float input unless another is given. */
  scalar(value: number, type?: DataType): string;
  /** A constant tensor, of the type of the node's first float input unless another is given. */
  tensor(dims: readonly number[], values: ArrayLike<number>, type?: DataType): string;
  /** A constant int64 vector. */
  ints(values: readonly number[]): string;
  /** Sums a value of dimensions `from` over the axes along which `to` was broadcast, and gives it the dimensions `to`. */
  sumTo(value: string, from: readonly number[], to: readonly number[]): string;
  /** Says that this node has no rule for what it is set to. Ends the rule. */
  refuse(reason: string, remedy?: string): never;
}

/**
 * Writes the nodes that turn the gradients of a node's outputs into those of its inputs.
 *
 * @returns a gradient for each input, by position, in the input's dimensions; `undefined` where none was wanted or it is zero
 */
export type GradientRule = (context: GradientContext) => readonly (string | undefined)[];

/**
 * Writes other nodes in a forward node's place, which make the node's output under its name.
 *
 * @returns values that the gradient rule reads again, by role; `undefined` to leave the node as it is
 */
export type Spelling = (context: GradientContext) => Readonly<Record<string, string>> | undefined;

/** What is known of an operator that passes a gradient. */
export interface Passing {
  /** How the rule is proven on a file's own nodes: by the adjoint identity in each input, or by differences in float64. */
  readonly proof: 'linear' | 'differences';
  readonly rule: GradientRule;
  readonly spelling?: Spelling;
  /** Inputs that get no gradient although they are floats, by position, and what they are: the gradient ends there. */
  readonly held?: { readonly inputs: readonly number[]; readonly what: string };
}

/** What is known of the gradient of an operator. */
export type Gradient =
  | Passing
  /** No gradient goes through: shapes, indices, comparisons, and steps whose slope is 0. */
  | { readonly ends: true };

/** Writes the gradients of the inputs that are wanted, in their order. */
export function wanted(g: GradientContext, ...writers: readonly (() => string | undefined)[]): (string | undefined)[] {
  return writers.map((write, index) => (g.wants(index) ? write() : undefined));
}

/** Rules of one family, by operator. */
export type Gradients = Readonly<Record<string, Gradient>>;

/** As {@link GradientRule}, of an operator whose first output alone passes a gradient: told what arrives there. */
export type OutputRule = (context: GradientContext, dy: string) => readonly (string | undefined)[];

/** The rule, which is asked only if a gradient arrives at the first output. */
export function ofOutput(rule: OutputRule): GradientRule {
  return (g) => {
    const dy = g.gradient(0);
    return dy === undefined ? [] : rule(g, dy);
  };
}

/** A rule for an operator of one output that is linear in each of its float inputs by itself, as Mul, Conv and Gather are. */
export function linear(rule: OutputRule): Passing {
  return { proof: 'linear', rule: ofOutput(rule) };
}

/** A rule for an operator of one output that is smooth almost everywhere. */
export function smooth(rule: OutputRule): Passing {
  return { proof: 'differences', rule: ofOutput(rule) };
}

/** A rule for an operator that is written as others in the training graph. */
export function spelled(spelling: Spelling, rule: GradientRule): Passing {
  return { proof: 'differences', rule, spelling };
}

/** What the rule holds of a node's inputs; nothing of most. */
export function heldBy(rule: Gradient | undefined): { readonly inputs: readonly number[]; readonly what: string } {
  return (rule !== undefined && 'rule' in rule ? rule.held : undefined) ?? { inputs: [], what: '' };
}

/** Inputs of a node that a gradient may go through: all but those that its rule holds. */
export function passingInputs(rule: Gradient | undefined, inputs: readonly string[]): readonly string[] {
  const held = heldBy(rule).inputs;
  return inputs.filter((_, index) => !held.includes(index));
}

/** An operator that ends the gradient. */
export const ends: Gradient = { ends: true };

/** `count` in all of the dimensions. */
export function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

/** The axis counted from the front. */
export function wrapAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
