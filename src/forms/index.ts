/** The forms, by name. */
import { batchNormalization } from './batch-normalization.ts';
import { fold } from './fold.ts';
import { instance } from './instance.ts';
import { instanceConv } from './instance-conv.ts';
import { mulAdd } from './mul-add.ts';
import { native } from './native.ts';
import { nativeTrainable } from './native-trainable.ts';
import { reduce } from './reduce.ts';
import { renorm } from './renorm.ts';
import type { Form } from './types.ts';
import { weightNorm } from './weight-norm.ts';

export const FORMS: readonly Form[] = [
  native,
  reduce,
  instance,
  instanceConv,
  nativeTrainable,
  mulAdd,
  fold,
  weightNorm,
  renorm,
  batchNormalization,
];

/** The form of that name, which must be one of {@link FORMS}. */
export function formNamed(name: string): Form {
  return FORMS.find((form) => form.name === name) as Form;
}
