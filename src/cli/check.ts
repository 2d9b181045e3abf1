/** Checks of files on disk: opened, looked at, freed, and nothing written but what the runtime must find beside a model. */
import { givenSource } from '../check/given-source.ts';
import { type CheckOptions, checkModel, unreadable } from '../check/index.ts';
import { GnSwapError } from '../errors.ts';
import { asMeant } from '../inputs/as-meant.ts';
import type { Outcome } from '../jobs/outcome.ts';
import type { Observe } from '../measure/observe.ts';
import type { CallOptions } from './arguments.ts';
import { DiskHome } from './disk/index.ts';
import { type OnProgress, readInputs, withModel } from './session.ts';

/** The source of `--against`, open. */
export interface Against {
  readonly source: NonNullable<CheckOptions['source']>;
  /** What a report looks at. */
  readonly observe: Observe;
  close(): void;
}

/**
 * Opens the source that files are checked against.
 *
 * @param run whether ONNX Runtime may be loaded, where parameters must be computed
 * @throws GnSwapError what opening and reading it throws
 */
export async function openAgainst(file: string, run: boolean): Promise<Against> {
  const home = new DiskHome(file);
  try {
    // As a swap with that option read it; without it, nothing of such a file could have been swapped or run.
    const source = await givenSource(asMeant(home.model, { assumeSpatial: true }), home.file, { label: file, run });
    return { source, observe: { source: source.search.model, bytes: home.size }, close: () => home.close() };
  } catch (error) {
    home.close();
    throw error instanceof GnSwapError ? error.in(file) : error;
  }
}

/** Checks a file. What is wrong with it is in the outcome; so is why it could not be checked. */
export async function checkFile(
  file: string,
  call: CallOptions,
  against: Against | undefined,
  onProgress: OnProgress,
): Promise<Outcome> {
  const outcome = await withModel(file, 'check', async (draft, { model, lap }) => {
    const inputs = call.inputs === undefined ? undefined : await readInputs(call.inputs);
    const { seed, memory, maxDrift, minKept, tasks } = call.swap;
    draft.check = await checkModel({
      written: asMeant(model, {}),
      source: against?.source,
      run: call.verify,
      // Without a source there is nothing to compare with.
      observe: call.reports.length === 0 ? undefined : against?.observe,
      inputs,
      seed,
      memory,
      maxDrift,
      minKept,
      tasks,
      onProgress,
    });
    lap('check');
  });
  const { error, ...rest } = outcome;
  // A file that is no model, or half of one, is what a check is for.
  return error?.code === 'invalid-model' ? { ...rest, check: unreadable(error) } : outcome;
}
