/** A loss that is a model, from disk. */
import { GnSwapError } from '../errors.ts';
import { type Model, readModel } from '../onnx/model.ts';
import { readWhole } from './disk/index.ts';

/**
 * Reads a loss.
 *
 * @throws GnSwapError naming the file, not the model that is trained
 */
export function readLoss(file: string): Model {
  try {
    return readModel(readWhole(file));
  } catch (error) {
    throw error instanceof GnSwapError ? error.in(file) : error;
  }
}
