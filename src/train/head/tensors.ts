/** Tensors with a number for each class → the same with other classes. */
import type { Random } from '../../inputs/random.ts';
import type { TensorProto } from '../../onnx/schema.ts';
import { dimsOf, type ExternalData, makeTensor, valuesOf } from '../../onnx/tensor.ts';
import type { Place } from './place.ts';

/** For each class of the new head the column of the old one that it was; undefined for new classes. */
export type Columns = readonly (number | undefined)[];

/** What new classes start with. */
export type Fresh =
  | { readonly kind: 'noise'; readonly random: Random }
  | { readonly kind: 'value'; readonly value: number };

/** Deviation of the weights of new classes. */
const DEVIATION = 0.01;

/** The tensor with other classes along the axis of a place; whatever else lies in the blocks stays. */
export function withColumns(
  tensor: TensorProto,
  place: Place,
  columns: Columns,
  fresh: Fresh,
  external: ExternalData,
  name = tensor.name,
): TensorProto {
  const dims = dimsOf(tensor);
  const values = valuesOf(tensor, external);
  const inner = dims.slice(place.axis + 1).reduce((product, dim) => product * dim, 1);
  const outer = dims.slice(0, place.axis).reduce((product, dim) => product * dim, 1);
  const sources: (number | undefined)[] = [];
  for (let block = 0; block < place.size; block += place.block) {
    for (let k = 0; k < place.at; k++) sources.push(block + k);
    for (const column of columns) sources.push(column === undefined ? undefined : block + place.at + column);
    for (let k = place.at + place.count; k < place.block; k++) sources.push(block + k);
  }
  const made = new Float64Array(outer * sources.length * inner);
  for (let o = 0; o < outer; o++) {
    for (const [index, source] of sources.entries()) {
      const to = (o * sources.length + index) * inner;
      for (let i = 0; i < inner; i++) {
        made[to + i] =
          source !== undefined
            ? (values[(o * place.size + source) * inner + i] as number)
            : fresh.kind === 'value'
              ? fresh.value
              : DEVIATION * fresh.random.normal();
      }
    }
  }
  return makeTensor(
    name,
    tensor.dataType ?? 1,
    dims.map((dim, axis) => (axis === place.axis ? sources.length : dim)),
    made,
  );
}

/** The numbers of the classes in a tensor of one number for each. */
export function classValues(tensor: TensorProto, place: Place, external: ExternalData): number[] {
  const values = valuesOf(tensor, external);
  const own: number[] = [];
  for (let block = 0; block < place.size; block += place.block) {
    for (let k = 0; k < place.count; k++) own.push(values[block + place.at + k] as number);
  }
  return own;
}
