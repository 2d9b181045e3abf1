/** What an output is before the activation that ends a model: a loss that has the activation in itself is taken of that. */
import { intAttribute, permOf } from '../onnx/attributes.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { wrapAxis } from '../operators/type-rule.ts';
import { type FixedType, type Forward, fixedOf } from './forward.ts';
import type { NameSpaces } from './writer.ts';

/** Operators that lay the same numbers out in another way. */
const MOVES = new Set(['Identity', 'Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** What may end a model, and is a part of some losses. */
const ACTIVATIONS = new Set(['Sigmoid', 'Softmax', 'LogSoftmax']);

/** An output, as an activation and nodes that only move numbers make it of a value. */
export interface BeforeActivation {
  /** What the activation is given. */
  readonly value: string;
  readonly activation: NodeProto;
  /** The axis of the output that the activation is taken along, if it is taken along one. */
  readonly axis: number | undefined;
  /** In order. */
  readonly moves: readonly NodeProto[];
}

/** @returns undefined if none of {@link ACTIVATIONS} makes the output */
export function beforeActivation({ nodes, types }: Forward, output: string): BeforeActivation | undefined {
  const makers = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const moves: NodeProto[] = [];
  let node = makers.get(output);
  for (; node !== undefined && isOf(node, MOVES); node = makers.get(nameAt(node.input, 0))) moves.unshift(node);
  if (node === undefined || !isOf(node, ACTIVATIONS)) return undefined;
  const value = nameAt(node.input, 0);
  if (node.opType === 'Sigmoid') return { value, activation: node, axis: undefined, moves };
  const rank = fixedOf(types, value).dims.length;
  let axis: number | undefined = wrapAxis(intAttribute(node, 'axis', -1), rank);
  for (const move of moves) axis = axis === undefined ? undefined : axisAfter(axis, move, types);
  return axis === undefined ? undefined : { value, activation: node, axis, moves };
}

function isOf({ opType, domain }: NodeProto, operators: ReadonlySet<string>): boolean {
  return normalDomain(domain) === '' && operators.has(opType);
}

/** Where an axis is when numbers were moved; undefined if it is none any more. */
function axisAfter(axis: number, node: NodeProto, types: ReadonlyMap<string, FixedType>): number | undefined {
  const [from, to] = [node.input, node.output].map((names) => fixedOf(types, nameAt(names, 0)).dims);
  if (from === undefined || to === undefined || node.opType === 'Identity') return axis;
  if (node.opType === 'Transpose') return permOf(node, from.length).indexOf(axis);
  const isSame = (dim: number, at: number) => dim === from[axis] && sizeOf(to, at) === sizeOf(from, axis);
  const found = to.findIndex(isSame);
  return found < 0 ? undefined : found;
}

/** Of the dimensions before an axis. */
function sizeOf(dims: readonly number[], axis: number): number {
  return dims.slice(0, axis).reduce((product, dim) => product * dim, 1);
}

/** The value, moved as the activation of it is. */
export function moved(
  forward: Forward,
  names: NameSpaces,
  { value, moves }: BeforeActivation,
): { readonly forward: Forward; readonly value: string } {
  const nodes = [...forward.nodes];
  const types = new Map(forward.types);
  let at = value;
  for (const move of moves.filter(({ opType }) => opType !== 'Identity')) {
    const [made = ''] = move.output;
    const name = names.values.fresh(`${made}/before`);
    nodes.push({
      ...move,
      name: names.nodes.fresh(`${made}/before`),
      input: [at, ...move.input.slice(1)],
      output: [name],
    });
    types.set(name, fixedOf(types, made));
    at = name;
  }
  return { forward: { ...forward, nodes, types }, value: at };
}
