/**
 * All parameters as one vector: an optimizer then is a few operations on long vectors, and a host feeds one tensor.
 *
 * Those that weight decay is meant for come first. θ → Split → Reshape gives each parameter its name; the gradients are joined
 * in the same order.
 */
import type { NodeProto } from '../onnx/schema.ts';
import type { FixedType } from './forward.ts';
import type { NameSpaces, Writer } from './writer.ts';

/** Where a parameter lies in the vector. */
export interface Part {
  readonly name: string;
  readonly offset: number;
  readonly dims: readonly number[];
}

/** Parameters as one vector: where each of them lies. */
export interface Flat {
  /** Name of the vector. */
  readonly name: string;
  readonly type: FixedType;
  readonly parts: readonly Part[];
  /** How many numbers at the front decay. */
  readonly decayed: number;
}

/** Whether weight decay is meant for a parameter: not for biases and the scale of norms, which have one dimension. */
export function decays(dims: readonly number[]): boolean {
  return dims.filter((dim) => dim !== 1).length > 1;
}

/** Lays out parameters of one element type. */
export function layOut(names: readonly string[], typeOf: (name: string) => FixedType, spaces: NameSpaces): Flat {
  const order = [...names].sort((a, b) => Number(decays(typeOf(b).dims)) - Number(decays(typeOf(a).dims)));
  const parts: Part[] = [];
  let [offset, decayed] = [0, 0];
  for (const name of order) {
    const { dims } = typeOf(name);
    const size = sizeOf(dims);
    parts.push({ name, offset, dims });
    offset += size;
    if (decays(dims)) decayed += size;
  }
  const type = { type: typeOf(order[0] ?? '').type, dims: [offset] };
  return { name: spaces.values.fresh('theta'), type, parts, decayed };
}

/** Writes the parameters, under their names, out of the vector. */
export function unpack(writer: Writer, { name, parts }: Flat): void {
  const sizes = parts.map(({ dims }) => sizeOf(dims));
  const pieces = writer.ops('Split', [name, writer.ints(sizes)], { axis: 0 }, parts.length);
  const split = writer.nodes.pop() as NodeProto;
  const isVector = ({ dims }: Part) => dims.length === 1;
  writer.nodes.push({
    ...split,
    output: parts.map((part, index) => (isVector(part) ? part.name : (pieces[index] as string))),
  });
  for (const [index, part] of parts.entries()) {
    if (!isVector(part)) writer.op('Reshape', [pieces[index] as string, writer.ints(part.dims)], {}, part.name);
  }
}

/** Writes the gradient of the vector. */
export function pack(writer: Writer, { parts }: Flat, gradients: ReadonlyMap<string, string>, output: string): void {
  const pieces = parts.map(({ name, dims }) => {
    const gradient = gradients.get(name) as string;
    return dims.length === 1 ? gradient : writer.op('Reshape', [gradient, writer.ints([-1])]);
  });
  writer.op('Concat', pieces, { axis: 0 }, output);
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}
