/** Checks of models in memory. */
import { GnSwapError } from '../errors.ts';
import { asMeant } from '../inputs/as-meant.ts';
import { MemorySource } from '../onnx/bytes.ts';
import { readModel } from '../onnx/model.ts';
import { givenSource } from './given-source.ts';
import { type CheckOptions, type CheckReport, checkModel, unreadable } from './index.ts';

/** Options of {@link check}; named as on the command line. */
export interface CheckBytesOptions
  extends Pick<CheckOptions, 'inputs' | 'seed' | 'memory' | 'maxDrift' | 'onProgress'> {
  /** The bytes of the model that it is said to have been made from. */
  readonly against?: Uint8Array | undefined;
  /** Whether to run the model in ONNX Runtime; default true. */
  readonly verify?: boolean | undefined;
}

/**
 * Proves a model with norms still valid, without trusting what it says of itself.
 *
 * @param file the bytes of an `.onnx` file without external data, whoever wrote it
 * @returns also where it is damaged: see `passed`, and the findings of `checks`
 * @throws GnSwapError where `against` is no model, and `runtime-missing` where there is no ONNX Runtime
 */
export async function check(file: Uint8Array, options: CheckBytesOptions = {}): Promise<CheckReport> {
  const { against, verify: run = true, ...rest } = options;
  const meant = against && asMeant(readModel(against), { assumeSpatial: true });
  const source = meant && (await givenSource(meant, new MemorySource(against), { label: 'the source', run }));
  try {
    return await checkModel({ ...rest, written: asMeant(readModel(file), {}), run, source });
  } catch (error) {
    // A file that is no model, or half of one, is what a check is for.
    if (error instanceof GnSwapError && error.code === 'invalid-model') return unreadable(error);
    throw error;
  }
}
