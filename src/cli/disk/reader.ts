/** Inputs and labelled data on disk. */
import type { Reader } from '../../inputs/reader.ts';
import { unreadable } from './errors.ts';
import { listFiles } from './paths.ts';
import { FileSource, readWhole } from './source.ts';

/** Reads files and folders of this machine. Its functions throw GnSwapError `unreadable`. */
export const DISK: Reader = {
  list: listFiles,
  read: readWhole,
  sizeOf: (file) => using(file, ({ size }) => size),
  readPart: (file, start, end) => using(file, (source) => source.read(start, end)),
};

function using<T>(file: string, use: (source: FileSource) => T): T {
  const source = new FileSource(file);
  try {
    return use(source);
  } catch (cause) {
    throw unreadable(file, cause);
  } finally {
    source.close();
  }
}
