/** Whether a model loads at all. */
import type { GnSwapError } from '../errors.ts';
import type { Model } from '../onnx/model.ts';
import { keepSession, runtimeFailure, type SessionSettings } from './session.ts';

/** The runtime's refusal of a model as it is stored, weights and all; `undefined` where it loads it. */
export async function loadFailure(model: Model, settings: SessionSettings): Promise<GnSwapError | undefined> {
  try {
    const { close } = await keepSession(model, settings, true);
    await close();
    return undefined;
  } catch (error) {
    return runtimeFailure(error);
  }
}
