/** Models that ONNX Runtime can rewrite but not run: training needs runs of the file itself, which a float32 twin can't stand for. */
import { GnSwapError } from '../errors.ts';
import { twinnedTypes } from '../graph/float32.ts';
import { requiredInputs } from '../graph/interface.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { declaredType } from '../onnx/value-type.ts';
import { lacksKernel } from '../runtime/session.ts';

/**
 * Trains; says in the user's words where bfloat16 is in the way.
 *
 * @throws GnSwapError `unsupported-model` if the model takes bfloat16, or computes with it what the runtime has no kernel for
 */
export async function withoutBfloat16<T>(model: Model, train: () => Promise<T>): Promise<T> {
  const input = requiredInputs(model).find(({ type }) => declaredType(type).elemType === DataType.BFLOAT16);
  if (input !== undefined) throw refusal(`its input ${JSON.stringify(input.name)} is bfloat16`);
  return train().catch((error: unknown) => {
    if (!lacksKernel(error) || !twinnedTypes(model).includes(DataType.BFLOAT16)) throw error;
    throw refusal(`it computes with bfloat16 (${error.message})`, error);
  });
}

function refusal(what: string, cause?: GnSwapError): GnSwapError {
  return new GnSwapError('unsupported-model', `${what}, and ONNX Runtime can't run that here`, {
    remedy: 'Export the model in float32, from PyTorch behind model.float(), and train that file',
    cause,
  });
}
