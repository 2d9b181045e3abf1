/** Files that were dropped → how jobs reach them. */
import { GnSwapError } from '../../errors.ts';
import type { Reader } from '../../inputs/reader.ts';
import type { NamedFile } from '../messages.ts';
import { BlobSource } from './blob-source.ts';

/** Dropped files, and what to call them all. */
export interface Samples {
  /** The folder that was dropped, or the only file. */
  readonly path: string;
  readonly reader: Reader;
}

/**
 * Makes dropped files a folder of that name.
 *
 * @param name of the folder, if there was none
 */
export function samplesOf(dropped: readonly NamedFile[], name: string): Samples {
  const [first = ''] = dropped.map(({ path }) => /^[^/]+\//.exec(path)?.[0] ?? '');
  const isFolder = first !== '' && dropped.every(({ path }) => path.startsWith(first));
  const files = new Map(dropped.map(({ path, file }) => [isFolder ? path : `${name}/${path}`, file]));
  const [only] = files.keys();
  const root = isFolder ? first.slice(0, -1) : name;
  return {
    path: files.size === 1 && only !== undefined && !isFolder ? only : root,
    reader: {
      list: (path) =>
        [...files.keys()]
          .filter((it) => it === path || it.startsWith(`${path}/`))
          .filter((it) => !/(^|\/)\.[^/]*$/.test(it))
          .sort(),
      sizeOf: (path) => files.get(path)?.size ?? 0,
      read(path) {
        const file = files.get(path);
        if (file === undefined) throw new GnSwapError('unreadable', 'it was not given', { file: path });
        return new BlobSource(file, path).read(0, file.size);
      },
    },
  };
}
