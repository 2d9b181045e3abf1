/// <reference lib="dom" />
/** Files that were dropped, read on demand: in a Worker a browser reads synchronously. */
import { GnSwapError } from '../../errors.ts';
import { type ByteSource, Slice } from '../../onnx/bytes.ts';
import type { Encoded } from '../../onnx/encode.ts';

/** Of Workers alone, so it is not among the types of pages. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** Files up to this size are read at once: each reading asks another process, which takes as long as a megabyte. */
const WHOLE = 64 << 20;
/** Of larger ones, small parts are read with the block around them, of which the latest are kept. */
const [BLOCK, KEPT, SMALL] = [1 << 20, 16, 16 << 10] as const;

/** A file or blob, read on demand. */
export class BlobSource implements ByteSource {
  readonly size: number;
  readonly blob: Blob;
  readonly #name: string;
  readonly #blocks = new Map<number, Uint8Array>();
  #whole: Uint8Array | undefined;

  /** @param name to blame */
  constructor(blob: Blob, name: string) {
    this.blob = blob;
    this.size = blob.size;
    this.#name = name;
  }

  read(start: number, end: number): Uint8Array {
    if (this.size <= WHOLE) {
      this.#whole ??= this.#readNow(0, this.size);
      return this.#whole.subarray(start, end);
    }
    const first = Math.floor(start / BLOCK);
    if (end - start > SMALL || Math.floor((end - 1) / BLOCK) !== first) return this.#readNow(start, end);
    const block = this.#blocks.get(first) ?? this.#readNow(first * BLOCK, Math.min(this.size, (first + 1) * BLOCK));
    // To the end of the map, which is the place of the latest.
    this.#blocks.delete(first);
    this.#blocks.set(first, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > KEPT && oldest !== undefined) this.#blocks.delete(oldest);
    return block.subarray(start - first * BLOCK, end - first * BLOCK);
  }

  #readNow(start: number, end: number): Uint8Array {
    try {
      return new Uint8Array(new FileReaderSync().readAsArrayBuffer(this.blob.slice(start, end)));
    } catch (cause) {
      throw new GnSwapError('unreadable', 'the browser cannot read it any more; it may have changed on disk', {
        file: this.#name,
        remedy: 'Choose the file again',
        cause,
      });
    }
  }
}

/**
 * Puts a file together. What comes from files that were dropped stays a part of them, so that the result takes no memory, however large
 * it is.
 */
export function blobOf({ parts }: Encoded): Blob {
  const own = parts.map((part) => {
    if (!(part instanceof Slice)) return new Uint8Array(part);
    const { source, start, end } = part;
    return source instanceof BlobSource ? source.blob.slice(start, end) : new Uint8Array(part.bytes());
  });
  return new Blob(own, { type: 'application/octet-stream' });
}
