/** Outputs that appear whole or not at all. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { GnSwapError } from '../../errors.ts';
import type { ByteSource } from '../../onnx/bytes.ts';
import type { Encoded } from '../../onnx/encode.ts';
import { nameFor, removeAbandoned } from './abandoned.ts';
import { codeOf, outputExists, unwritable } from './errors.ts';
import type { ExternalFolder } from './external.ts';
import { makeFolder, removeEmptyFolders } from './folders.ts';
import { isSameFile, statOf } from './paths.ts';
import { FileSource, isSameContent } from './source.ts';
import { discardStates } from './state.ts';
import { writeParts } from './write.ts';

/** What became of a model's external data. */
export type Carried = 'left in place' | 'hard-linked' | 'copied';

/**
 * An output in the making: a folder beside the target, which holds the model, its external data and whatever is written
 * to look into it. Nothing appears under its final name before {@link commit}.
 */
export class Staging {
  /** Path of the model in the making. */
  readonly model: string;
  readonly #folder: string;
  readonly #target: string;
  readonly #external: { readonly location: string; readonly how: Carried; readonly isThere: boolean }[] = [];
  readonly #linked = new Map<FileSource, string | undefined>();
  #extras = 0;
  /** What waits for the disk; `undefined` where nothing is left to wait for. */
  #unsettled: (() => Promise<void>) | undefined;

  /**
   * @param target path of the output
   * @throws GnSwapError `unwritable` where its folder can't be written to
   */
  constructor(target: string) {
    this.#target = target;
    const folder = path.dirname(target);
    removeAbandoned(folder, new Set([...live].map((it) => path.basename(it.#folder))));
    this.#folder = path.join(folder, nameFor(live.size));
    this.model = path.join(this.#folder, path.basename(target));
    try {
      fs.mkdirSync(this.#folder);
    } catch (cause) {
      throw unwritable(target, cause);
    }
    live.add(this);
  }

  /**
   * Brings the files of external data into the folder, so that the model in the making loads.
   *
   * @param force whether other files of their names beside the output will be replaced
   * @throws GnSwapError what {@link ExternalFolder.open} throws, `output-exists`, `unwritable`, `invalid-arguments` where the
   *   output has the name of one of them
   */
  carry(locations: readonly string[], source: ExternalFolder, force: boolean): void {
    for (const location of locations) {
      const { path: from } = source.open(location);
      const final = path.join(path.dirname(this.#target), location);
      const inPlace = path.resolve(from) === path.resolve(final);
      if (path.resolve(final) === path.resolve(this.#target)) {
        throw new GnSwapError('invalid-arguments', 'the output has the name of a data file of the model', {
          file: this.#target,
          remedy: 'Use another name with --output',
        });
      }
      const to = path.join(this.#folder, location);
      try {
        // What a killed run put in place is as good as what this one would.
        const found = statOf(final);
        const isThere = found?.isFile() === true && (isSameFile(from, final) || isSameContent(from, final));
        if (!force && !isThere && found !== undefined) throw outputExists(final);
        fs.mkdirSync(path.dirname(to), { recursive: true });
        const how = linkOrCopy(isThere ? final : from, to);
        this.#external.push({ location, how: inPlace ? 'left in place' : how, isThere });
      } catch (cause) {
        throw unwritable(final, cause);
      }
    }
  }

  /** Links files of external data into the folder that are not there yet, for models made to look into another. */
  lend(locations: readonly string[], source: ExternalFolder): void {
    for (const location of locations) {
      const to = path.join(this.#folder, location);
      if (fs.existsSync(to)) continue;
      const from = source.open(location).path;
      try {
        fs.mkdirSync(path.dirname(to), { recursive: true });
        linkOrCopy(from, to);
      } catch (cause) {
        throw unwritable(this.#target, cause);
      }
    }
  }

  /** What became of the external data; `undefined` where there is none. */
  get carried(): Carried | undefined {
    const all = this.#external.map(({ how }) => how);
    return (['copied', 'hard-linked', 'left in place'] as const).find((how) => all.includes(how));
  }

  /** Writes the model, part by part, to outlive a loss of power. */
  async write(encoded: Encoded): Promise<void> {
    await this.writeSoon(encoded);
    await this.settle();
  }

  /** Writes the model, so that it can be read. The disk goes on working, and nothing can be committed before {@link settle}. */
  async writeSoon(encoded: Encoded): Promise<void> {
    this.#unsettled = await writeParts(this.model, encoded, this.#target, true);
  }

  /** Waits until what was written would outlive a loss of power. @throws GnSwapError `unwritable` */
  async settle(): Promise<void> {
    await this.#unsettled?.();
    this.#unsettled = undefined;
  }

  /**
   * The name that a file has, or is given by a hard link, beside the model in the making; `undefined` for what is no file, and
   * where there can be no link. For models that say where their weights are instead of holding them.
   */
  readonly nameOf = (source: ByteSource): string | undefined => {
    if (!(source instanceof FileSource)) return undefined;
    if (path.resolve(source.path) === path.resolve(this.model)) return path.basename(this.model);
    if (!this.#linked.has(source)) this.#linked.set(source, this.#link(source.path));
    return this.#linked.get(source);
  };

  #link(file: string): string | undefined {
    const name = `${path.basename(this.model)}.weights-${this.#linked.size + 1}`;
    try {
      // A link to a link would lead out of the folder.
      fs.linkSync(fs.realpathSync(file), path.join(this.#folder, name));
      return name;
    } catch {
      return undefined;
    }
  }

  /** Writes another model into the folder, for the runtime to load. */
  async writeExtra(encoded: Encoded): Promise<{ file: string; remove(): void }> {
    const file = path.join(this.#folder, `${path.basename(this.model)}.${++this.#extras}`);
    const settle = await writeParts(file, encoded, this.#target, false);
    await settle();
    return { file, remove: () => fs.rmSync(file, { force: true }) };
  }

  /**
   * Gives everything its final name, the model last. Whoever is killed in between leaves no model with data that is another's.
   *
   * @param force whether an existing output is replaced
   * @throws GnSwapError `output-exists`, `unwritable`
   */
  commit(force: boolean): void {
    if (!force && statOf(this.#target) !== undefined) throw outputExists(this.#target);
    const placed: string[] = [];
    try {
      const missing = this.#external.filter(({ isThere }) => !isThere);
      const moves = missing.map(({ location }) => ({
        from: path.join(this.#folder, location),
        to: path.join(path.dirname(this.#target), location),
      }));
      if (force && moves.some(({ to }) => statOf(to) !== undefined)) this.#withdraw();
      for (const { from, to } of moves) {
        try {
          this.#move(from, to, force);
          placed.push(to);
        } catch (cause) {
          if (!isOutputExists(cause) || !isSameContent(from, to)) throw cause;
        }
      }
      this.#move(this.model, this.#target, force);
    } catch (cause) {
      // What is replaced can't be brought back; what is new can go, unless another run's output came in that may have it for its own.
      const isAnothers = isOutputExists(cause) && cause.file === this.#target;
      if (!force && !isAnothers) for (const file of placed) fs.rmSync(file, { force: true });
      removeEmptyFolders();
      throw cause;
    }
    this.discard();
  }

  /** Takes an output away that would find other data beside it for a moment. */
  #withdraw(): void {
    try {
      fs.rmSync(this.#target, { force: true });
    } catch (cause) {
      throw unwritable(this.#target, cause);
    }
  }

  /** As {@link commit}, without the external data: for an output that is no model, and only borrowed them. */
  commitAlone(force: boolean): void {
    this.#move(this.model, this.#target, force);
    this.discard();
  }

  #move(from: string, to: string, force: boolean): void {
    if (this.#unsettled !== undefined) throw new RangeError('it is committed before it is settled');
    try {
      makeFolder(path.dirname(to));
      if (force) fs.renameSync(from, to);
      else fs.linkSync(from, to);
    } catch (cause) {
      const code = codeOf(cause);
      if (code === 'EEXIST') throw outputExists(to);
      if (force || code === 'EACCES' || code === 'ENOSPC') throw unwritable(to, cause);
      // A file system without hard links: the small window between look and rename is all that is left to it.
      if (fs.existsSync(to)) throw outputExists(to);
      try {
        fs.renameSync(from, to);
      } catch (again) {
        throw unwritable(to, again);
      }
    }
  }

  /** Removes the folder and all that is in it. */
  discard(): void {
    live.delete(this);
    // A write that is under way when a signal comes may put a file into the folder while it is emptied.
    fs.rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
}

/** Stagings that a signal must clear away. */
const live = new Set<Staging>();

/** Removes every output in the making; for when the process is about to end. */
export function discardAll(): void {
  for (const staging of live) staging.discard();
  discardStates();
  removeEmptyFolders();
}

function isOutputExists(cause: unknown): cause is GnSwapError {
  return cause instanceof GnSwapError && cause.code === 'output-exists';
}

function linkOrCopy(from: string, to: string): Carried {
  try {
    fs.linkSync(from, to);
    return 'hard-linked';
  } catch {
    // Another file system, or one without hard links.
    fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE);
    return 'copied';
  }
}
