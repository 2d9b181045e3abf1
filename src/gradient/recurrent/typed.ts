/** Writes nodes whose dimensions are known as they are written. */
import type { AttributeValue } from '../../onnx/attributes.ts';
import type { DataType } from '../../onnx/data-type.ts';
import { type FixedType, fixedOf } from '../forward.ts';
import type { Writer } from '../writer.ts';

export class Typed {
  readonly #writer: Writer;
  readonly #types: Map<string, FixedType>;
  readonly #type: DataType;

  /** @param type of all that is written */
  constructor(writer: Writer, types: Map<string, FixedType>, type: DataType) {
    this.#writer = writer;
    this.#types = types;
    this.#type = type;
  }

  dims(value: string): readonly number[] {
    return fixedOf(this.#types, value).dims;
  }

  /** Adds a node, and returns its output's name: the given one, or a fresh one. */
  op(
    opType: string,
    inputs: readonly string[],
    dims: readonly number[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    output?: string,
  ): string {
    return this.#known(this.#writer.op(opType, inputs, attributes, output), dims);
  }

  /** Parts of these sizes along an axis. */
  split(value: string, axis: number, sizes: readonly number[]): string[] {
    if (sizes.length === 1) return [value];
    const dims = this.dims(value);
    const parts = this.#writer.ops('Split', [value, this.#writer.ints(sizes)], { axis }, sizes.length);
    return parts.map((part, index) =>
      this.#known(
        part,
        dims.map((dim, at) => (at === axis ? (sizes[index] as number) : dim)),
      ),
    );
  }

  reshape(value: string, dims: readonly number[]): string {
    return this.op('Reshape', [value, this.#writer.ints(dims)], dims);
  }

  zeros(dims: readonly number[]): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    return this.#known(this.#writer.tensor(this.#type, dims, new Float32Array(count)), dims);
  }

  #known(value: string, dims: readonly number[]): string {
    this.#types.set(value, { type: this.#type, dims });
    return value;
  }
}
