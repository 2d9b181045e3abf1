/** Sources of bytes that are no memory, as a reader of files sees them. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../../../src/onnx/bytes.ts';

/** A file, read when asked. */
export class FileSource implements ByteSource {
  readonly size: number;
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.size = fstatSync(this.#fd).size;
  }

  read(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start);
    readSync(this.#fd, bytes, 0, bytes.length, start);
    return bytes;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Bytes behind the interface of a file: every read is a copy, and is recorded. */
export class RecordingSource implements ByteSource {
  readonly size: number;
  readonly reads: { readonly start: number; readonly end: number }[] = [];
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  read(start: number, end: number): Uint8Array {
    this.reads.push({ start, end });
    return this.#bytes.slice(start, end);
  }

  get bytesRead(): number {
    return this.reads.reduce((sum, { start, end }) => sum + end - start, 0);
  }
}

/** A source of any size that holds some bytes at its start and, it says, zeros behind them; large reads are refused. */
export class PretendedSource implements ByteSource {
  readonly size: number;
  readonly #start: Uint8Array;

  constructor(start: Uint8Array, size: number) {
    this.#start = start;
    this.size = size;
  }

  read(start: number, end: number): Uint8Array {
    if (end - start > 8 << 20) throw new Error(`a read of ${end - start} bytes`);
    const bytes = new Uint8Array(end - start);
    bytes.set(this.#start.subarray(start, end));
    return bytes;
  }
}
