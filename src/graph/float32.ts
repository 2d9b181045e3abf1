/** A model's float32 twin, for types that the runtime can't compute: the same graph with every other float made float32. */

import { mapSubgraphs } from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import {
  type AttributeProto,
  create,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type TypeProto,
  type ValueInfoProto,
} from '../onnx/schema.ts';
import { dimsOf, makeTensor, valuesOf } from '../onnx/tensor.ts';
import { viewOf } from './view.ts';

const REPLACED: ReadonlySet<DataType | undefined> = new Set([DataType.BFLOAT16, DataType.FLOAT16, DataType.DOUBLE]);

/** The twin. Weights are widened or rounded, so it is as large as the model in float32. */
export function float32Twin(model: Model): Model {
  const tensor = (it: TensorProto): TensorProto =>
    REPLACED.has(it.dataType) ? makeTensor(it.name, DataType.FLOAT, dimsOf(it), valuesOf(it, model.home.open)) : it;
  const type = (it: TypeProto | undefined): TypeProto | undefined =>
    it?.tensorType !== undefined && REPLACED.has(it.tensorType.elemType)
      ? { ...it, tensorType: { ...it.tensorType, elemType: DataType.FLOAT } }
      : it;
  const info = (it: ValueInfoProto): ValueInfoProto => ({ ...it, type: type(it.type) });
  const attribute =
    (node: NodeProto) =>
    (it: AttributeProto): AttributeProto => {
      if (it.t !== undefined) return { ...it, t: tensor(it.t) };
      const namesType = (node.opType === 'Cast' && it.name === 'to') || it.name === 'dtype' || it.name === 'stash_type';
      return namesType && REPLACED.has(Number(it.i)) ? { ...it, i: DataType.FLOAT } : it;
    };
  const graph = (it: GraphProto): GraphProto => ({
    ...it,
    node: it.node.map((node) => {
      const inner = mapSubgraphs(node, graph);
      return { ...inner, attribute: inner.attribute.map(attribute(node)) };
    }),
    initializer: it.initializer.map(tensor),
    sparseInitializer: it.sparseInitializer.map(({ values, ...sparse }) => ({
      ...sparse,
      values: values && tensor(values),
    })),
    input: it.input.map(info),
    output: it.output.map(info),
    valueInfo: it.valueInfo.map(info),
  });
  const functions = model.proto.functions.map((it) => ({
    ...it,
    node: graph(create('GraphProto', { node: it.node })).node,
    valueInfo: it.valueInfo.map(info),
  }));
  return withGraph(model, graph(model.proto.graph), { functions });
}

/** The float types of the model's values that its twin has in float32; none where the twin is the same model. */
export function twinnedTypes(model: Model): DataType[] {
  const found = new Set<number | undefined>();
  for (const { graph } of viewOf(model).scopes) {
    for (const { dataType } of graph.initializer) found.add(dataType);
    for (const { type } of [...graph.input, ...graph.output]) found.add(type?.tensorType?.elemType);
    for (const { opType, attribute } of graph.node) {
      for (const { name, t, i } of attribute) {
        found.add(t?.dataType);
        if (opType === 'Cast' && name === 'to') found.add(Number(i));
      }
    }
  }
  return [...REPLACED].filter((type) => type !== undefined && found.has(type)) as DataType[];
}
