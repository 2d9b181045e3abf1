/** One pipeline for a check: the source, if there is one, and the file → findings. The library and the command line call it. */
import { givenSource } from '../check/given-source.ts';
import { type CheckOptions, type CheckReport, checkModel, type GivenSource, unreadable } from '../check/index.ts';
import { GnSwapError } from '../errors.ts';
import { asMeant } from '../inputs/as-meant.ts';
import { type Model, readModel, sourceOf } from '../onnx/model.ts';
import { untilAborted } from './given/abort.ts';
import { requireOptions } from './given/rules.ts';
import { CHECK } from './given/swap.ts';
import type { CheckBytesOptions } from './options.ts';

/**
 * Proves a model with norms still valid, without trusting what it says of itself.
 *
 * @param file the bytes of an `.onnx` file without external data, whoever wrote it
 * @returns also where it is damaged: see `passed`, and the findings of `checks`
 * @throws GnSwapError where `against` is no model, and `runtime-missing` where there is no ONNX Runtime
 */
export async function check(file: Uint8Array, options: CheckBytesOptions = {}): Promise<CheckReport> {
  requireOptions(options, CHECK);
  return untilAborted(options, (told) => checkBytes(file, told));
}

async function checkBytes(file: Uint8Array, options: CheckBytesOptions): Promise<CheckReport> {
  const { against, verify: run = true, signal: _, ...rest } = options;
  const source = against && (await openSource(readModel(against), 'the source', run));
  return checkFile(() => readModel(file), { ...rest, run, source });
}

/**
 * Prepares the source that files are checked against.
 *
 * @param given as read from its file
 * @param label what to call it
 * @param run whether ONNX Runtime may be loaded, where parameters must be computed
 */
export async function openSource(given: Model, label: string, run: boolean): Promise<GivenSource> {
  // As a swap with that option read it; without it, nothing of such a file could have been swapped or run.
  const model = asMeant(given, { assumeSpatial: true });
  return givenSource(model, sourceOf(given), { label, run });
}

/**
 * {@link checkModel} for a file that may be no model, or half of one: that is what a check is for.
 *
 * @param read reads the model, and throws `invalid-model` if it is none
 */
export async function checkFile(read: () => Model, options: Omit<CheckOptions, 'written'>): Promise<CheckReport> {
  try {
    return await checkModel({ ...options, written: asMeant(read(), {}) });
  } catch (error) {
    if (error instanceof GnSwapError && error.code === 'invalid-model') return unreadable(error);
    throw error;
  }
}
