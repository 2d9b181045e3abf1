/** Models in a browser: a file that was dropped, the files of weights beside it, and what is made of them. */
import { GnSwapError } from '../../errors.ts';
import { detachWeights } from '../../onnx/detach.ts';
import { toBytes } from '../../onnx/encode.ts';
import { externalLocations } from '../../onnx/external-data.ts';
import { type DataFile, encodeModel, fileOf, type Home, type Loaded, type Model, readModel } from '../../onnx/model.ts';
import { refuseTooLargeFiles } from '../../runtime/ort/web.ts';
import type { ModelFiles } from '../messages.ts';
import { BlobSource } from './blob-source.ts';

/** Models whose files have so many bytes together are run with their weights apart from the graph, and not optimised. */
const LARGE = 256 << 20;

/** The home of one file. */
export class WebHome implements Home {
  readonly file: BlobSource;
  readonly #external: ReadonlyMap<string, BlobSource>;
  #model: Model | undefined;
  #large: boolean | undefined;

  /** @param external by location, as the model names them */
  constructor(file: BlobSource, external: ReadonlyMap<string, BlobSource>) {
    this.file = file;
    this.#external = external;
  }

  /** The home of files that were dropped. They are named by their paths, or by their last names if a model is in a folder of its own. */
  static of({ file, external }: ModelFiles): WebHome {
    const sources = external.flatMap((it) => {
      const source = new BlobSource(it.file, it.path);
      return [it.path, it.path.replace(/^[^/]*\//, ''), it.file.name].map((name) => [name, source] as const);
    });
    // The full path has the last word.
    return new WebHome(new BlobSource(file, file.name), new Map(sources.reverse()));
  }

  /** @throws GnSwapError `invalid-model` */
  get model(): Model {
    this.#model ??= readModel(this.file, this);
    return this.#model;
  }

  /** Files of weights that the model names, and were not given. */
  get missing(): string[] {
    return externalLocations(this.model.proto).filter((location) => !this.#external.has(location));
  }

  readonly open = (location: string): BlobSource => {
    const found = this.#external.get(location);
    if (found !== undefined) return found;
    throw new GnSwapError('unreadable', `its data file ${JSON.stringify(location)} was not given`, {
      remedy: 'Drop the data files of the model together with it',
    });
  };

  /** Bytes of all files. */
  get size(): number {
    const locations = externalLocations(this.model.proto);
    return locations.reduce((sum, location) => sum + (this.#external.get(location)?.size ?? 0), this.file.size);
  }

  get large(): boolean {
    this.#large ??= this.size >= LARGE;
    return this.#large;
  }

  /** What is written beside this model lives with the same files of weights. */
  written(file: Blob, name: string): WebHome {
    return new WebHome(new BlobSource(file, name), this.#external);
  }

  async load(model: Model, asStored = false): Promise<Loaded> {
    const files = new Map<string, BlobSource>();
    const nameOf = (source: object): string | undefined => {
      if (!(source instanceof BlobSource)) return undefined;
      const [known] = [...files].find(([, it]) => it === source) ?? [`gn-swap-weights-${files.size}`];
      files.set(known, source);
      return known;
    };
    const own = fileOf(model);
    const isWhole = own !== undefined && (asStored || !this.large);
    const loadable = isWhole || !this.large ? model : detachWeights(model, nameOf);
    const sizes = [...files.values(), ...externalLocations(model.proto).map(this.open)].map(({ size }) => size);
    refuseTooLargeFiles(sizes.reduce((sum, size) => sum + size, isWhole ? own.size : 0));
    const file = isWhole ? own.read(0, own.size) : toBytes(encodeModel(loadable, true));
    for (const location of externalLocations(model.proto)) files.set(location, this.open(location));
    const external = [...files].map(([path, source]): DataFile => ({ path, data: source.read(0, source.size) }));
    return { file, external, release: async () => {} };
  }
}
