/** Files that are written, part by part. */
import * as fs from 'node:fs';
import { Slice } from '../../onnx/bytes.ts';
import type { Encoded } from '../../onnx/encode.ts';
import { unwritable } from './errors.ts';
import { FileSource } from './source.ts';

/**
 * Copies go through buffers of this size. One write of 2 MiB or more may make the kernel take its pages in one piece, and Linux 6.18
 * with ext4 takes four times as long to find them.
 */
const CHUNK = 1 << 20;

/** After so many bytes the disk is set to work, so that little is left to wait for at the end. */
const FLUSH_EVERY = 64 << 20;

/**
 * Writes a file, so that it can be read.
 *
 * @param target to blame
 * @param lasting whether it must outlive a loss of power
 * @returns waits until it would
 */
export async function writeParts(
  file: string,
  { parts }: Encoded,
  target: string,
  lasting: boolean,
): Promise<() => Promise<void>> {
  const blame = (cause: unknown): never => {
    throw unwritable(target, cause);
  };
  const output = await fs.promises.open(file, 'wx').catch(blame);
  const writer = new OverlappedWriter(output, lasting);
  try {
    for (const part of parts) await writer.write(part);
    await writer.flush();
  } catch (cause) {
    // Waits for what is still being written.
    await output.close();
    return blame(cause);
  }
  const synced = writer.sync().finally(() => output.close());
  // It is thrown where it is awaited.
  synced.catch(() => {});
  return () => synced.catch(blame);
}

/** Writes through two buffers: while one is filled, the other is written. Many small parts make one write. */
class OverlappedWriter {
  readonly #output: fs.promises.FileHandle;
  #filling = Buffer.allocUnsafe(CHUNK);
  #spare = Buffer.allocUnsafe(CHUNK);
  #filled = 0;
  #writing = Promise.resolve();
  readonly #lasting: boolean;
  /** The disk at work on what was written before; `undefined` when it is done. */
  #syncing: Promise<void> | undefined;
  #unsynced = 0;

  constructor(output: fs.promises.FileHandle, lasting: boolean) {
    this.#output = output;
    this.#lasting = lasting;
  }

  async write(part: Uint8Array | Slice): Promise<void> {
    if (part instanceof Slice && part.source instanceof FileSource) {
      const { source, start } = part;
      await this.#put(part.length, (target, done) => source.readInto(target, start + done));
    } else {
      const bytes = part instanceof Slice ? part.bytes() : part;
      const fits = this.#take(bytes);
      if (fits === bytes.length) return;
      // Before anything is waited for, which something else may be read in.
      const rest = part instanceof Slice && part.source.lends ? bytes.slice(fits) : bytes.subarray(fits);
      await this.#put(rest.length, (target, done) => target.set(rest.subarray(done, done + target.length)));
    }
  }

  /** Takes as much as has room. @returns how many bytes that was */
  #take(bytes: Uint8Array): number {
    const fits = Math.min(bytes.length, CHUNK - this.#filled);
    this.#filling.set(bytes.subarray(0, fits), this.#filled);
    this.#filled += fits;
    return fits;
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    await this.#flush();
    await this.#writing;
  }

  /** Waits for the disk. */
  async sync(): Promise<void> {
    await this.#syncing;
    if (this.#lasting) await this.#output.sync();
  }

  async #put(length: number, fill: (target: Uint8Array, done: number) => void): Promise<void> {
    for (let done = 0; done < length; ) {
      if (this.#filled === CHUNK) await this.#flush();
      const target = this.#filling.subarray(this.#filled, this.#filled + length - done);
      fill(target, done);
      this.#filled += target.length;
      done += target.length;
    }
  }

  async #flush(): Promise<void> {
    await this.#writing;
    this.#writing = writeAll(this.#output, this.#filling.subarray(0, this.#filled));
    // It is thrown where it is awaited; where something else fails first, that is what is told.
    this.#writing.catch(() => {});
    [this.#filling, this.#spare] = [this.#spare, this.#filling];
    this.#unsynced += this.#filled;
    this.#filled = 0;
    if (this.#lasting && this.#unsynced >= FLUSH_EVERY) this.#startSync();
  }

  #startSync(): void {
    if (this.#syncing !== undefined) return;
    this.#unsynced = 0;
    this.#syncing = this.#output.datasync().then(() => {
      this.#syncing = undefined;
    });
    this.#syncing.catch(() => {});
  }
}

async function writeAll(output: fs.promises.FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) done += (await output.write(bytes, done)).bytesWritten;
}
