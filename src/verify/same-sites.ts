/**
 * Models that sites with the same nodes share: all that differs between them, γ and β for the most part, is fed. A network of many norms has
 * few kinds, and to open a session takes longer than to run one.
 */
import { asInputs } from '../graph/as-inputs.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { TensorProto } from '../onnx/schema.ts';
import { dimsOf, valuesOf } from '../onnx/tensor.ts';
import { typed } from '../runtime/half.ts';
import type { Values } from '../runtime/session.ts';

/** Types that numbers are fed in; others stay in the model. */
const FED: ReadonlySet<DataType | undefined> = new Set([DataType.FLOAT, DataType.FLOAT16, DataType.DOUBLE]);

/** A model whose parameters are inputs, and what they are. */
export interface Fed {
  readonly model: Model;
  readonly feeds: Values;
}

/** The model with lists of float numbers as inputs. Single numbers, such as ε, and integers stay: the runtime may want to know them. */
export function fedParameters(model: Model): Fed {
  const isFed = (it: TensorProto) => FED.has(it.dataType) && dimsOf(it).reduce((product, dim) => product * dim, 1) > 1;
  const { model: given, fed } = asInputs(model, isFed);
  const feeds = fed.map((it) => {
    const type = it.dataType ?? 0;
    return [it.name, { type, dims: dimsOf(it), data: typed(type, valuesOf(it, model.home.open)) }] as const;
  });
  return { model: given, feeds: Object.fromEntries(feeds) };
}
