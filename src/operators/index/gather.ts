/** Gradients of operators that read at positions which an input names. */
import { intAttribute } from '../../onnx/attributes.ts';
import { DataType } from '../../onnx/data-type.ts';
import { type GradientContext, linear, sizeOf, wrapAxis } from '../gradient-rule.ts';
import { reshapeTo, zerosLike } from '../shaping.ts';
import { addRows } from './rows.ts';

/** Rows of the data along an axis. */
export const gather = linear((g, dy) => {
  const [data, indices] = [g.input(0), g.input(1)];
  const dims = g.dims(data);
  const axis = wrapAxis(intAttribute(g.node, 'axis', 0), dims.length);
  const count = sizeOf(g.dims(indices));
  const known = g.constant(indices);
  const updates = reshapeTo(g, dy, dims.toSpliced(axis, 1, count));
  return [
    addRows(g, updates, {
      axis,
      dims,
      like: data,
      count,
      known: known && [...known.values].map((row) => wrapAxis(row, dims[axis] as number)),
      computed: () => g.op('Cast', [indices], { to: DataType.INT64 }),
    }),
  ];
});

/** Each element of the output came from the row that its index names. */
export const gatherElements = linear((g, dy) => {
  const axis = intAttribute(g.node, 'axis', 0);
  return [g.op('ScatterElements', [zerosLike(g, g.input(0)), g.input(1), dy], { axis, reduction: 'add' })];
});

/** GatherND is Gather over its leading axes taken as one; the axes of the batch go along. */
export const gatherND = linear((g, dy) => {
  const [data, indices] = [g.input(0), g.input(1)];
  const [dims, places] = [g.dims(data), g.dims(indices)];
  const batch = intAttribute(g.node, 'batch_dims', 0);
  const depth = places.at(-1) as number;
  const [lead, rest] = [dims.slice(0, batch + depth), dims.slice(batch + depth)];
  const samples = sizeOf(dims.slice(0, batch));
  const count = sizeOf(places.slice(0, -1));
  // The row of an index is the sum of its positions times these, and of where its sample begins.
  const strides = lead.map((_, axis) => sizeOf(lead.slice(axis + 1))).slice(batch);
  const starts = Array.from(
    { length: count },
    (_, at) => Math.floor(at / (count / samples)) * sizeOf(lead.slice(batch)),
  );
  const known = g.constant(indices)?.values;
  const rowAt = (at: number) =>
    strides.reduce(
      (row, stride, axis) =>
        row + stride * wrapAxis(known?.[at * depth + axis] as number, lead[batch + axis] as number),
      starts[at] as number,
    );
  const row = addRows(g, reshapeTo(g, dy, [count, ...rest]), {
    axis: 0,
    dims: [sizeOf(lead), ...rest],
    like: data,
    count,
    known: known && starts.map((_, at) => rowAt(at)),
    computed: () => computedRows(g, { count, depth, strides, starts, sizes: lead.slice(batch) }),
  });
  return [reshapeTo(g, row, dims)];
});

interface Rows {
  readonly count: number;
  readonly depth: number;
  readonly strides: readonly number[];
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
}

function computedRows(g: GradientContext, { count, depth, strides, starts, sizes }: Rows): string {
  const given = reshapeTo(g, g.input(1), [count, depth]);
  const isNegative = g.op('Less', [given, g.ints([0])]);
  const wrapped = g.op('Where', [isNegative, g.op('Add', [given, g.ints(sizes)]), given]);
  const offsets = g.op('ReduceSum', [g.op('Mul', [wrapped, g.ints(strides)]), g.ints([1])], { keepdims: 0 });
  return g.op('Add', [offsets, g.ints(starts)]);
}
