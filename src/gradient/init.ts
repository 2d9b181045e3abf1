/** The first values of parameters and optimizer state, as a model without inputs: any language can run it, none has to parse tensors. */

import { makeNode } from '../onnx/attributes.ts';
import type { Model } from '../onnx/model.ts';
import { Names } from '../onnx/names.ts';
import { create, type NodeProto, type TensorProto } from '../onnx/schema.ts';
import { inline, makeTensor } from '../onnx/tensor.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import type { FixedType } from './forward.ts';

/** A value to give: a stored tensor, or zeros. */
export interface First {
  readonly name: string;
  readonly type: FixedType;
  readonly tensor: TensorProto | undefined;
}

/** @param like the model that they are of: its tensors' data is taken in, as this one stands alone too */
export function initModel(like: Model, opset: number, firsts: readonly First[]): Model {
  const initializer: TensorProto[] = [];
  const names = new Names(firsts.map(({ name }) => name));
  const node = firsts.map(({ name, type, tensor }): NodeProto => {
    const stored = names.fresh(`first/${name}`);
    if (tensor !== undefined) {
      initializer.push({ ...inline(tensor, like.home.open), name: stored });
      return makeNode('Identity', [stored], [name], name);
    }
    initializer.push(makeTensor(stored, 7, [type.dims.length], type.dims));
    return makeNode('ConstantOfShape', [stored], [name], name, { value: makeTensor('', type.type, [1], [0]) });
  });
  const output = firsts.map(({ name, type }) => makeValueInfo(name, type.type, type.dims));
  const graph = create('GraphProto', { name: 'init', node, initializer, output });
  const opsetImport = [create('OperatorSetIdProto', { domain: '', version: opset })];
  const irVersion = Math.max(8, Number(like.proto.irVersion));
  return { ...like, proto: { ...create('ModelProto', { irVersion, producerName: 'gn-swap', opsetImport }), graph } };
}
