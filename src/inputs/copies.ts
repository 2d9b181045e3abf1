/** Files with the same bytes: sizes are compared first, and contents are read only where sizes are equal. */
import { sha256Of } from '../host/node.ts';
import { fileSize, type Reader } from './reader.ts';

/** The files of one size. */
interface Alike {
  readonly first: string;
  /** Files by their digests; missing as long as there is one file. */
  digests?: Map<string, string>;
}

/** Tells copies of files, one file after the other. */
export class Copies {
  readonly #reader: Reader;
  readonly #bySize = new Map<number, Alike>();
  readonly #known = new Map<string, string>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Finds the first of the files asked for so far that has the same bytes: the file itself if it is the first. */
  firstOf(file: string): string {
    const known = this.#known.get(file) ?? this.#find(file);
    this.#known.set(file, known);
    return known;
  }

  #find(file: string): string {
    const size = fileSize(this.#reader, file);
    const alike = this.#bySize.get(size);
    if (alike === undefined) {
      this.#bySize.set(size, { first: file });
      return file;
    }
    const digestOf = (it: string) => sha256Of(this.#reader.read(it));
    alike.digests ??= new Map([[digestOf(alike.first), alike.first]]);
    const digest = digestOf(file);
    const found = alike.digests.get(digest) ?? file;
    alike.digests.set(digest, found);
    return found;
  }
}

/** Tells whether two files have the same bytes. */
export function areSame(a: string, b: string, reader: Reader): boolean {
  const copies = new Copies(reader);
  return copies.firstOf(a) === copies.firstOf(b);
}
