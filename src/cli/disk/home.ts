/** Models on disk: their bytes, the files of data beside them, and a folder for what is made to look into them. */
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { GnSwapError } from '../../errors.ts';
import { detachWeights } from '../../onnx/detach.ts';
import { toBytes } from '../../onnx/encode.ts';
import { externalLocations } from '../../onnx/external-data.ts';
import { encodeModel, fileOf, type Home, type Loaded, type Model, readModel } from '../../onnx/model.ts';
import { takesBytesOnly } from '../../runtime/ort/node.ts';
import { ExternalFolder } from './external.ts';
import { FileSource } from './source.ts';
import { Staging } from './staging.ts';

/** Models that are made go through a file from this size on, so that they take no memory of ours. */
const IN_MEMORY = 16 << 20;

/** Models whose files have so many bytes together are run with their weights left on disk. */
const LARGE = 256 << 20;

/** The home of one file. Weights stay in the files that they were read from; close it when nothing is read any more. */
export class DiskHome implements Home {
  readonly file: FileSource;
  readonly open: ExternalFolder['open'];
  readonly #external: ExternalFolder;
  readonly #own: Staging[] = [];
  #staging: Staging | undefined;
  #model: Model | undefined;
  #large: boolean | undefined;

  /**
   * @param file path of a model
   * @param staging where it lies, if it is an output in the making; what is made of it lies there, too
   * @param isAlone whether it was sent without the files that may hold its data
   * @throws GnSwapError `unreadable`
   */
  constructor(file: string, staging?: Staging, isAlone = false) {
    this.file = new FileSource(file);
    this.#external = new ExternalFolder(file, isAlone);
    this.open = this.#external.open;
    this.#staging = staging;
  }

  /** @throws GnSwapError `invalid-model` */
  get model(): Model {
    this.#model ??= readModel(this.file, this);
    return this.#model;
  }

  /** Bytes of all files. @throws GnSwapError where one is missing */
  get size(): number {
    const locations = externalLocations(this.model.proto);
    return locations.reduce((sum, location) => sum + this.open(location).size, this.file.size);
  }

  get large(): boolean {
    this.#large ??= this.#isLarge();
    return this.#large;
  }

  #isLarge(): boolean {
    try {
      return this.size >= LARGE;
    } catch (error) {
      // What is missing is told by whoever reads it.
      if (error instanceof GnSwapError) return false;
      throw error;
    }
  }

  /**
   * Begins an output. What is made of the model lies there from now on.
   *
   * @throws GnSwapError `unwritable`
   */
  stage(target: string): Staging {
    this.#staging = new Staging(target);
    this.#own.push(this.#staging);
    return this.#staging;
  }

  /** {@link Staging.carry} for the data that a model of this home needs. */
  carry(staging: Staging, locations: readonly string[], force: boolean): void {
    staging.carry(locations, this.#external, force);
  }

  /** Small models in memory, others through a file beside the files that hold their weights. */
  async load(model: Model, asStored = false): Promise<Loaded> {
    if (await takesBytesOnly()) return this.#whole(model);
    const file = fileOf(model);
    if (file instanceof FileSource && (asStored || !this.large)) return { file: file.path, release: async () => {} };
    const locations = externalLocations(model.proto);
    if (locations.length === 0) {
      const encoded = encodeModel(model, true);
      if (encoded.length < IN_MEMORY) return { file: toBytes(encoded), release: async () => {} };
    }
    const staging = this.#workshop();
    staging.lend(locations, this.#external);
    const extra = await staging.writeExtra(encodeModel(detachWeights(model, staging.nameOf)));
    return { file: extra.file, release: async () => extra.remove() };
  }

  /** Bytes alone, with those of the files that hold its weights. */
  #whole(model: Model): Loaded {
    const external = externalLocations(model.proto).map((location) => {
      const source = this.open(location);
      return { path: location, data: source.read(0, source.size) };
    });
    return { file: toBytes(encodeModel(model, true)), external, release: async () => {} };
  }

  /** Beside the file, where its weights can be linked to; where nothing can be written there, where temporary files are. */
  #workshop(): Staging {
    if (this.#staging !== undefined) return this.#staging;
    try {
      return this.stage(this.file.path);
    } catch {
      return this.stage(path.join(tmpdir(), path.basename(this.file.path)));
    }
  }

  /** Closes the files, and removes outputs that were begun and not committed. */
  close(): void {
    for (const staging of this.#own) staging.discard();
    this.file.close();
    this.#external.close();
  }
}
