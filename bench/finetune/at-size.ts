/**
 * Gives a detector of Ultralytics that was exported for one size another one, so that it trains in minutes: what its last part holds for each
 * cell of its grids (middles, strides, counts) is made anew. Weights do not depend on the size.
 *
 *     npx tsx bench/finetune/at-size.ts yolov8n.onnx 320 smaller.onnx
 */
import { readFile, writeFile } from 'node:fs/promises';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, withGraph, writeModel } from '../../src/onnx/model.ts';
import { create, type TensorProto, type ValueInfoProto } from '../../src/onnx/schema.ts';
import { dimsOf, makeTensor, valuesOf } from '../../src/onnx/tensor.ts';

const STRIDES = [8, 16, 32];
const [from, wanted, to] = process.argv.slice(2);
if (from === undefined || wanted === undefined || to === undefined)
  throw new Error('give a model, a side and an output');
const model = readModel(new Uint8Array(await readFile(from)));
const { graph } = model.proto;
const side = Number(wanted);
const old = Number(graph.input[0]?.type?.tensorType?.shape?.dim[2]?.dimValue);
const cellsOf = (size: number) => STRIDES.reduce((sum, stride) => sum + (size / stride) ** 2, 0);
const [before, after] = [cellsOf(old), cellsOf(side)];

/** What a row of the grids holds: x or y of the middle in cells, or the stride. */
function grid(value: (stride: number, column: number, row: number) => number): number[] {
  return STRIDES.flatMap((stride) => {
    const columns = side / stride;
    return Array.from({ length: columns * columns }, (_, at) =>
      value(stride, (at % columns) + 0.5, Math.floor(at / columns) + 0.5),
    );
  });
}

function resized(tensor: TensorProto): TensorProto {
  const { name, dataType = 0 } = tensor;
  const dims = dimsOf(tensor);
  if (dataType === DataType.INT64 && dims.length < 2) {
    const values = [...valuesOf(tensor)];
    return values.includes(before)
      ? makeTensor(
          name,
          dataType,
          dims,
          values.map((it) => (it === before ? after : it)),
        )
      : tensor;
  }
  if (dims.at(-1) !== before) return tensor;
  const middles = [...grid((_, column) => column), ...grid((_, __, row) => row)];
  const values = dims.at(-2) === 2 ? middles : grid((stride) => stride);
  return makeTensor(name, dataType, [...dims.slice(0, -1), after], values);
}

function withSides(info: ValueInfoProto, sides: ReadonlyMap<number, number>): ValueInfoProto {
  const tensorType = info.type?.tensorType;
  if (tensorType?.shape == null) return info;
  const dim = tensorType.shape.dim.map((it) => {
    const value = sides.get(Number(it.dimValue));
    return value === undefined ? it : create('Dimension', { dimValue: value });
  });
  const shape = create('TensorShapeProto', { dim });
  const type = create('TypeProto', {
    tensorType: create('TensorType', { elemType: tensorType.elemType, shape }),
  });
  return create('ValueInfoProto', { name: info.name, type });
}

const sides = new Map([
  [old, side],
  [before, after],
]);
const node = graph.node.map((it) => {
  const value = it.attribute.find(({ name, t }) => it.opType === 'Constant' && name === 'value' && t != null);
  if (value?.t == null) return it;
  const t = resized(value.t);
  return t === value.t ? it : create('NodeProto', { ...it, attribute: [create('AttributeProto', { ...value, t })] });
});
const changed = create('GraphProto', {
  ...graph,
  node,
  initializer: graph.initializer.map(resized),
  input: graph.input.map((it) => withSides(it, sides)),
  output: graph.output.map((it) => withSides(it, sides)),
  valueInfo: [],
});
await writeFile(to, writeModel(withGraph(model, changed)));
