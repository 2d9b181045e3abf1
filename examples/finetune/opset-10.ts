/**
 * A model of opset 9 → the same at opset 10: Slice takes its lists as inputs. onnx2torch reads no other spelling, and
 * `gn-swap --for pytorch` refuses a model that it does not read. `onnx.version_converter` does the same for any model.
 */
import { intsAttribute } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, normalDomain, withGraph } from '../../src/onnx/model.ts';
import type { TensorProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

/** @param model of opset 9; of later ones it is returned as it is */
export function atOpset10(model: Model): Model {
  const { graph, opsetImport } = model.proto;
  const isOld = ({ domain, version }: (typeof opsetImport)[number]) =>
    normalDomain(domain) === '' && Number(version) === 9;
  if (!opsetImport.some(isOld)) return model;
  const tensors: TensorProto[] = [];
  const node = graph.node.map((it) => {
    if (it.opType !== 'Slice') return it;
    const lists = (['starts', 'ends', 'axes'] as const).flatMap((name) => {
      const values = intsAttribute(it, name);
      if (values === undefined) return [];
      const tensor = makeTensor(`${it.output[0]}/${name}`, DataType.INT64, [values.length], values);
      tensors.push(tensor);
      return [tensor.name];
    });
    return { ...it, input: [...it.input, ...lists], attribute: [] };
  });
  const raised = opsetImport.map((it) => (isOld(it) ? { ...it, version: 10 } : it));
  return withGraph(model, { ...graph, node, initializer: [...graph.initializer, ...tensors] }, { opsetImport: raised });
}
