/** How a family tells the result types of its operators. */
import type { NodeProto } from '../onnx/schema.ts';
import { HIGHEST_RANK } from '../onnx/tensor.ts';
import type { Shape, ValueType } from '../onnx/value-type.ts';

/** What a rule may ask about a node's inputs. */
export interface Inputs {
  type(index: number): ValueType;
  /** Constant integers of an input, such as a shape. */
  ints(index: number): number[] | undefined;
}

/** What an operator makes of the types of its inputs: one type for each output, as far as they follow. */
export type TypeRule = (node: NodeProto, inputs: Inputs) => ValueType[];

/** The type of the first input. */
export const sameAsFirst: TypeRule = (_, { type }) => [type(0)];

/** Same rank and element type as the first input, dimensions unknown. */
export const sameRank: TypeRule = (node, { type }) => {
  const { elemType, shape } = type(0);
  return node.output.map(() => ({ elemType, shape: shape?.map(() => undefined) }));
};

/** One rule for several operators, named with spaces between. */
export function forEach(names: string, rule: TypeRule): Record<string, TypeRule> {
  return Object.fromEntries(names.split(' ').map((name) => [name, rule]));
}

/** An axis that may count from the end, counted from the start. */
export function wrapAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Dimensions of a known rank that are all unknown. */
export function unknownDims(rank: number | undefined): Shape | undefined {
  return rank === undefined || rank > HIGHEST_RANK ? undefined : Array.from({ length: rank }, () => undefined);
}

/** What several shapes broadcast to, as far as it follows. */
export function broadcastShape(shapes: readonly (Shape | undefined)[]): Shape | undefined {
  if (shapes.includes(undefined)) return undefined;
  const rank = shapes.reduce((highest, shape) => Math.max(highest, shape?.length ?? 0), 0);
  return Array.from({ length: rank }, (_, axis) => {
    const dims = shapes.map((own = []) => {
      const at = axis - (rank - own.length);
      return at < 0 ? 1 : own[at];
    });
    const large = dims.find((dim) => dim !== undefined && dim !== 1);
    return large ?? (dims.every((dim) => dim === 1) ? 1 : undefined);
  });
}
