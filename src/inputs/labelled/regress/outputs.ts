/** The outputs of a model that numbers are learnt for, and the shape of a target. */
import type { Model } from '../../../onnx/model.ts';
import { declaredType, isWhole, type Shape } from '../../../onnx/value-type.ts';
import { batchOf } from '../../batch.ts';

export interface NumberOutput {
  readonly name: string;
  /** Of one sample, with a batch of 1 if the model has one; undefined if the file does not tell. */
  readonly dims: readonly number[] | undefined;
  /** As the file states it; undefined where it does not. */
  readonly shape: Shape | undefined;
}

export function numberOutputs(model: Model): NumberOutput[] {
  const hasBatch = batchOf(model).inputs.size > 0;
  return model.proto.graph.output.map(({ name, type }) => {
    const shape = declaredType(type).shape;
    const own = hasBatch ? shape?.slice(1) : shape;
    return { name, shape, dims: isWhole(own) ? [...(hasBatch ? [1] : []), ...own] : undefined };
  });
}

/** The shape of as many numbers: that of the output, or else a batch of them. */
export function targetDims({ dims }: NumberOutput, count: number, model: Model): readonly number[] {
  if (dims !== undefined) return dims;
  return batchOf(model).inputs.size > 0 ? [1, count] : [count];
}
