/** Files of a data set by the names that labels have for them. */
import { composed, type DataFile } from './folder.ts';
import { samplesAmong } from './sample-files.ts';

/** Finds a file by what a cell says; undefined if there is none, or several could be meant. */
export type FileFinder = (cell: string) => DataFile | undefined;

/** Finds a file by its name without folders; nothing if several have it. */
export function finderByLast(files: readonly DataFile[]): FileFinder {
  const byLast = uniqueBy(files, ({ name }) => lastOf(name));
  return (path) => byLast.get(lastOf(path));
}

/** Finds files by their paths from a table, from the folder, or in `images/`. */
export function finderByPath(files: readonly DataFile[], table: DataFile): FileFinder {
  const byName = new Map(files.flatMap((file) => [[file.inner, file] as const, [file.name, file] as const]));
  return (cell) =>
    pathsOf(cell, table)
      .map((name) => byName.get(name))
      .find((it) => it !== undefined);
}

/**
 * Finds pictures that a table names in part, as those of Kaggle do: without their endings (`0001` is `train/0001.jpg`), or without the folder that they
 * are in, if only one picture can be meant.
 */
export function finderByPart(files: readonly DataFile[], table: DataFile): FileFinder {
  const pictures = samplesAmong(files);
  const byStem = uniqueBy(pictures, ({ inner }) => withoutEnding(inner));
  const byLast = uniqueBy(pictures, ({ name }) => lastOf(name));
  const byLastStem = uniqueBy(pictures, ({ name }) => withoutEnding(lastOf(name)));
  return (cell) => {
    const paths = pathsOf(cell, table);
    const [last = ''] = paths.map(lastOf);
    if (last === '') return undefined;
    const found = paths.map((path) => byStem.get(path)).find((it) => it !== undefined);
    return found ?? byLast.get(last) ?? byLastStem.get(last);
  };
}

/** A path from the folder of the table, from that of the data, and from that of the pictures. */
function pathsOf(cell: string, table: DataFile): string[] {
  const path = composed(cell.replaceAll('\\', '/').replace(/^(\.\/)+/, ''));
  const beside = table.name.replace(/[^/]*$/, '');
  return [`${beside}${path}`, path, `images/${path}`];
}

function uniqueBy(
  files: readonly DataFile[],
  keyOf: (file: DataFile) => string,
): ReadonlyMap<string, DataFile | undefined> {
  const found = new Map<string, DataFile | undefined>();
  for (const file of files) found.set(keyOf(file), found.has(keyOf(file)) ? undefined : file);
  return found;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A path without the ending of its name. */
export function withoutEnding(path: string): string {
  return path.replace(/\.[^./]*$/, '');
}
