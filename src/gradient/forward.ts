/** The forward graph that a gradient is taken of: every node at one opset, every dimension and every constant known. */
import { GnSwapError } from '../errors.ts';
import type { DataType } from '../onnx/data-type.ts';
import type { ModelProto, NodeProto, TensorProto, ValueInfoProto } from '../onnx/schema.ts';
import type { ExternalData } from '../onnx/tensor.ts';

/** A value's type in a run at fixed sizes. */
export interface FixedType {
  readonly type: DataType;
  readonly dims: readonly number[];
}

/** The type of a value that a node reads or makes: every one is known before anything is written. */
export function fixedOf(types: ReadonlyMap<string, FixedType>, value: string): FixedType {
  const known = types.get(value);
  if (known !== undefined) return known;
  throw new GnSwapError('internal', `the type of ${JSON.stringify(value)} is not known`);
}

/** The type of a stored tensor. */
export function storedType({ dataType, dims }: TensorProto): FixedType {
  return { type: dataType ?? 0, dims: dims.map(Number) };
}

export interface Forward {
  /** Of the standard domain: 18 or later. */
  readonly opset: number;
  /** In order; those that only make constants are gone. */
  readonly nodes: readonly NodeProto[];
  /** What the caller feeds, without parameters. */
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly string[];
  /** Values that are the same in every run, by name; parameters are among them. */
  readonly constants: ReadonlyMap<string, TensorProto>;
  /** Of every value that a node reads or makes. */
  readonly types: ReadonlyMap<string, FixedType>;
  readonly external: ExternalData;
  /** Operator sets beside the standard one, of the file, its functions and its loss; those of the source if it is absent. */
  readonly imports?: ModelProto['opsetImport'] | undefined;
  /** Values that count as constants in the gradient, although they differ from run to run. */
  readonly stops?: ReadonlySet<string> | undefined;
  /** Nodes that stand for several of the file, with those, in order. */
  readonly origins?: ReadonlyMap<NodeProto, readonly NodeProto[]> | undefined;
}

/** Operators that ask a value for its sizes only, which are fixed in a gradient. */
export const SIZES_ONLY: ReadonlySet<string> = new Set(['Shape', 'Size']);
