/** Checks of files on disk: opened, looked at, freed, and nothing written but what the runtime must find beside a model. */
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { givenSource } from '../check/given-source.ts';
import { type CheckOptions, checkModel, unreadable } from '../check/index.ts';
import { GnSwapError } from '../errors.ts';
import { asMeant } from '../find/assume-spatial.ts';
import type { Outcome } from '../jobs/outcome.ts';
import type { Observe } from '../measure/observe.ts';
import { externalLocations } from '../onnx/external-data.ts';
import { type Model, readModel } from '../onnx/model.ts';
import type { ExternalData } from '../onnx/tensor.ts';
import { inMemory, type Materialize } from '../runtime/materialize.ts';
import type { CallOptions } from './arguments.ts';
import { ExternalFolder, FileSource, Staging } from './disk/index.ts';
import { bytesOf, IN_MEMORY, isLarge, type OnProgress, readInputs, throughDisk, withModel } from './session.ts';

/** The source of `--against`, open. */
export interface Against {
  readonly source: NonNullable<CheckOptions['source']>;
  /** What a report looks at. */
  readonly observe: Observe;
  readonly place: Place;
  close(): void;
}

/**
 * Opens the source that files are checked against.
 *
 * @param run whether ONNX Runtime may be loaded, where parameters must be computed
 * @throws GnSwapError what opening and reading it throws
 */
export async function openAgainst(file: string, run: boolean): Promise<Against> {
  const bytes = new FileSource(file);
  const external = new ExternalFolder(file);
  const place = new Place(file, external, bytes.size);
  const close = () => {
    place.discard();
    bytes.close();
    external.close();
  };
  try {
    // As a swap with that option read it; without it, nothing of such a file could have been swapped or run.
    const { model, file: loadable } = asMeant(readModel(bytes, external.open), file, { assumeSpatial: true });
    const source = await givenSource(model, bytes, {
      file: loadable,
      label: file,
      run,
      materialize: place.materialize,
    });
    return { source, observe: { source: source.search.model, bytes: bytesOf(bytes, model, external) }, place, close };
  } catch (error) {
    close();
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
  const outcome = await withModel(file, 'check', async (draft, { source, external, model, lap }) => {
    const inputs = call.inputs === undefined ? undefined : await readInputs(call.inputs);
    const place = new Place(file, external, source.size);
    const places = new Map<ExternalData, Place>([[external.open, place]]);
    if (against !== undefined) places.set(against.source.model.external, against.place);
    const { seed, memory, maxDrift, minKept, tasks } = call.swap;
    try {
      draft.check = await checkModel({
        written: { model, file },
        source: against?.source,
        materialize: (made) => (places.get(made.external) ?? place).materialize(made),
        run: call.verify,
        large: largeness(source, model, external),
        // Without a source there is nothing to compare with.
        ...(call.reports.length === 0 || against === undefined ? {} : { observe: against.observe }),
        ...{ inputs, seed, memory, maxDrift, minKept, tasks, onProgress },
      });
      lap('check');
    } finally {
      place.discard();
    }
  });
  const { error, ...rest } = outcome;
  // A file that is no model, or half of one, is what a check is for.
  return error?.code === 'invalid-model' ? { ...rest, check: unreadable(error) } : outcome;
}

/** A file of data that is not there is a finding, and no reason to stop. */
function largeness(source: FileSource, model: Model, external: ExternalFolder): boolean {
  try {
    return isLarge(source, model, external);
  } catch (error) {
    if (error instanceof GnSwapError) return false;
    throw error;
  }
}

/** Where models that are made to look into one of a file find its external data. Made when first needed. */
class Place {
  readonly #file: string;
  readonly #external: ExternalFolder;
  readonly #size: number;
  #staging: Staging | undefined;

  constructor(file: string, external: ExternalFolder, size: number) {
    this.#file = file;
    this.#external = external;
    this.#size = size;
  }

  readonly materialize: Materialize = (model: Model) => {
    const locations = externalLocations(model.proto);
    if (locations.length === 0 && this.#size < IN_MEMORY) return inMemory(model);
    if (this.#staging === undefined) {
      this.#staging = stagingFor(this.#file);
      this.#staging.carry(locations, this.#external, true);
    }
    return throughDisk(this.#staging, locations.length > 0)(model);
  };

  discard(): void {
    this.#staging?.discard();
  }
}

/** Beside the file, where its weights can be linked to; where nothing can be written there, where temporary files are. */
function stagingFor(file: string): Staging {
  try {
    return new Staging(file);
  } catch {
    return new Staging(path.join(tmpdir(), path.basename(file)));
  }
}
