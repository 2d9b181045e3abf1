/** Files that are read: at random, or whole. */
import * as fs from 'node:fs';
import { GnSwapError } from '../../errors.ts';
import type { ByteSource } from '../../onnx/bytes.ts';
import { unreadable, whatIsNoFile } from './errors.ts';

/** Files are compared so many bytes at a time. */
const CHUNK = 1 << 20;

/** A file, read on demand. */
export class FileSource implements ByteSource {
  readonly path: string;
  readonly size: number;
  readonly fd: number;

  /** @throws GnSwapError `unreadable` for what is no regular file, is missing, or may not be read */
  constructor(file: string) {
    this.path = file;
    try {
      // Asked first: opening a pipe or a device would wait for a writer.
      const found = fs.statSync(file);
      if (!found.isFile()) {
        const remedy = found.isDirectory() ? 'Give a file in it' : 'Write what it gives to a file first';
        throw new GnSwapError('unreadable', whatIsNoFile(found), { file, remedy });
      }
      this.fd = fs.openSync(file, 'r');
      this.size = fs.fstatSync(this.fd).size;
    } catch (cause) {
      throw unreadable(file, cause);
    }
  }

  read(start: number, end: number): Uint8Array {
    const bytes = Buffer.allocUnsafe(end - start);
    this.readInto(bytes, start);
    return bytes;
  }

  /** Fills the target with the bytes from `start` on. */
  readInto(target: Uint8Array, start: number): void {
    for (let done = 0; done < target.length; ) {
      const count = fs.readSync(this.fd, target, done, target.length - done, start + done);
      if (count === 0) throw new GnSwapError('unreadable', 'the file shrank while it was read', { file: this.path });
      done += count;
    }
  }

  close(): void {
    fs.closeSync(this.fd);
  }
}

/** All bytes of a file of data, such as `.npz`. */
export function readWhole(file: string): Uint8Array {
  const source = new FileSource(file);
  try {
    return source.read(0, source.size);
  } catch (cause) {
    throw unreadable(file, cause);
  } finally {
    source.close();
  }
}

/** Whether two files hold the same bytes. */
export function isSameContent(a: string, b: string): boolean {
  const [one, other] = [new FileSource(a), new FileSource(b)];
  try {
    const buffers = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)] as const;
    for (let at = 0; at < one.size && one.size === other.size; at += CHUNK) {
      const [left, right] = buffers.map((buffer) => buffer.subarray(0, one.size - at)) as [Buffer, Buffer];
      one.readInto(left, at);
      other.readInto(right, at);
      if (!left.equals(right)) return false;
    }
    return one.size === other.size;
  } finally {
    one.close();
    other.close();
  }
}
