/** Files beside a model that hold its data. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { GnSwapError } from '../../errors.ts';
import { reasonOf } from './errors.ts';
import { FileSource } from './source.ts';

/** Opens files of external data in a model's folder; refuses links, which could lead anywhere. */
export class ExternalFolder {
  readonly #folder: string;
  readonly #isAlone: boolean;
  readonly #open = new Map<string, FileSource>();

  /** @param isAlone whether the model came without a folder, so that every file is missing */
  constructor(model: string, isAlone = false) {
    this.#isAlone = isAlone;
    this.#folder = path.dirname(path.resolve(model));
  }

  /**
   * @throws GnSwapError `invalid-data` where a part of the path is a link, `unreadable` where there is no file to read; both
   *   without `file`, which is the model's
   */
  readonly open = (location: string): FileSource => {
    const known = this.#open.get(location);
    if (known !== undefined) return known;
    const source = this.#openNew(location);
    this.#open.set(location, source);
    return source;
  };

  #openNew(location: string): FileSource {
    if (this.#isAlone) {
      throw new GnSwapError(
        'unreadable',
        `its weights are in ${JSON.stringify(location)}, which stdin does not bring`,
        {
          remedy: 'Name the file of the model',
        },
      );
    }
    let at = this.#folder;
    try {
      for (const step of location.split('/')) {
        at = path.join(at, step);
        if (fs.lstatSync(at).isSymbolicLink()) {
          throw new GnSwapError('invalid-data', `its data file ${JSON.stringify(location)} is a link`, {
            remedy: 'Put the file itself next to the model',
          });
        }
      }
      return new FileSource(at);
    } catch (cause) {
      if (cause instanceof GnSwapError && cause.code === 'invalid-data') throw cause;
      const reason = cause instanceof GnSwapError ? cause.message : reasonOf(cause);
      throw new GnSwapError('unreadable', `its data file ${JSON.stringify(location)} cannot be read: ${reason}`, {
        remedy: 'Put the data files of the model next to it',
        cause,
      });
    }
  }

  close(): void {
    for (const source of this.#open.values()) source.close();
  }
}
