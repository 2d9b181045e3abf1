/** How files are reached: the disk for the command line, anything else for others. */

export interface Reader {
  /** Paths of all files in a folder and those in it, sorted; of a file, its own. */
  list(path: string): string[];
  read(file: string): Uint8Array;
  /** Bytes of a file, told without reading it. If it is missing, files are read to tell. */
  sizeOf?(file: string): number;
  /** Some bytes of a file. If it is missing, files are read whole. */
  readPart?(file: string, start: number, end: number): Uint8Array;
}

/** Bytes of a file, told as cheaply as the reader can. */
export function fileSize(reader: Reader, file: string): number {
  return reader.sizeOf?.(file) ?? reader.read(file).length;
}

/** The folder that all files are in, with a separator at its end; `''` if they share none. */
export function commonFolder(files: readonly string[]): string {
  let folder = (files[0] ?? '').replace(/[^\\/]*$/, '');
  while (!files.every((file) => file.startsWith(folder))) folder = folder.replace(/[^\\/]*[\\/]$/, '');
  return folder;
}
