/** What is known of a value: its element type and its dimensions. */
import type { DataType } from './data-type.ts';
import { create, type TypeProto, type ValueInfoProto } from './schema.ts';
import { HIGHEST_RANK } from './tensor.ts';

/** Dimensions; `undefined` is one that the file does not fix. */
export type Shape = readonly (number | undefined)[];

/** Tells whether every dimension is known. */
export function isWhole(shape: Shape | undefined): shape is readonly number[] {
  return shape?.every((dim) => dim !== undefined) ?? false;
}

/** What is known of a value. No `shape` means that not even the rank is known. */
export interface ValueType {
  readonly elemType?: DataType | undefined;
  readonly shape?: Shape | undefined;
}

/** Nothing is known. */
export const UNKNOWN: ValueType = {};

/** The declared type of a graph input or output, or of a `value_info` entry. */
export function declaredType(type: TypeProto | undefined): ValueType {
  const tensor = type?.tensorType;
  if (tensor === undefined) return UNKNOWN;
  const shape = tensor.shape?.dim.map(({ dimValue }) => (dimValue === undefined ? undefined : Number(dimValue)));
  return possible({ elemType: tensor.elemType, shape });
}

/** A graph input, or a `value_info` entry, that declares a tensor's type. */
export function makeValueInfo(name: string, elemType: DataType | undefined, dims: Shape): ValueInfoProto {
  const dim = dims.map((dimValue) => create('Dimension', dimValue === undefined ? {} : { dimValue }));
  const tensorType = create('TensorType', { elemType, shape: create('TensorShapeProto', { dim }) });
  return create('ValueInfoProto', { name, type: create('TypeProto', { tensorType }) });
}

/** What can be of a type: dimensions that no tensor has are unknown ones, and so is the rank where it is too high. */
export function possible({ elemType, shape }: ValueType): ValueType {
  // 0 is UNDEFINED.
  return { elemType: elemType || undefined, shape: shape && possibleShape(shape) };
}

function possibleShape(shape: Shape): Shape | undefined {
  if (shape.length > HIGHEST_RANK) return undefined;
  return shape.every(isPossible) ? shape : shape.map((dim) => (isPossible(dim) ? dim : undefined));
}

function isPossible(dim: number | undefined): boolean {
  return dim === undefined || (Number.isSafeInteger(dim) && dim >= 0);
}
