/** What goes into a session and comes out of it. */
import type { DataType } from '../onnx/data-type.ts';

/** A tensor on its way into or out of a session. 16-bit floats are their bits. */
export interface Value {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly data: ArrayLike<number> | ArrayLike<bigint> | readonly string[];
}

/** Inputs or outputs of a run, by name. */
export type Values = Readonly<Record<string, Value>>;
