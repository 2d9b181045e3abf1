/** Lists of float numbers as inputs of a model, so that one session serves models that differ in them alone. */
import { asInputs } from '../graph/as-inputs.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { elementCount } from '../onnx/tensor.ts';
import { storedValue, type Values } from '../runtime/session.ts';

/** Types that numbers are fed in; others stay in the model. */
const FED: ReadonlySet<DataType | undefined> = new Set([DataType.FLOAT, DataType.FLOAT16, DataType.DOUBLE]);

/** A model whose parameters are inputs, and what they are. */
export interface Fed {
  readonly model: Model;
  readonly feeds: Values;
}

/** The model with lists of float numbers as inputs. Single numbers, such as ε, and integers stay: the runtime may want to know them. */
export function fedParameters(model: Model): Fed {
  const { model: given, fed } = asInputs(model, isFed);
  return { model: given, feeds: Object.fromEntries(fed.map((it) => [it.name, storedValue(it, model.home.open)])) };
}

/** Whether a tensor is fed. */
export function isFed(it: TensorProto): boolean {
  return FED.has(it.dataType) && elementCount(it) > 1;
}
