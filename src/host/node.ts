/** What the core asks of its host, in Node. `web.ts` beside it is the same for a browser; builds for browsers take that one. */
import { createHash, hash } from 'node:crypto';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { crc32, inflateRawSync } from 'node:zlib';

/** CRC-32 of bytes, as zip files have it. */
export function crc32Of(bytes: Uint8Array): number {
  return crc32(bytes);
}

/** Reads texts in UTF-8 between two places of bytes; U+FFFD stands for what is none. */
export function textsOf(bytes: Uint8Array): (start: number, end: number) => string {
  // Several times as fast as a TextDecoder, for texts as short as names.
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Without the name of the encoding, which is looked up each time; UTF-8 is the default.
  return (start, end) => buffer.toString(undefined, start, end);
}

/** How many bytes are unpacked at a time. */
const [FEWEST, MOST] = [1 << 14, 1 << 24];
const SPARE = 64;

/**
 * Unpacks what was deflated, without a header.
 *
 * @param size what it is to be; more bytes are an error
 */
export function inflateRaw(packed: Uint8Array, size: number): Uint8Array {
  // With room to spare, or zlib asks for as much again to see that nothing follows.
  const chunkSize = Math.min(Math.max(size + SPARE, FEWEST), MOST);
  return inflateRawSync(packed, { chunkSize, maxOutputLength: Math.max(size, 1) });
}

/** SHA-256 of a few bytes, in hexadecimal; in half the time of {@link sha256}. */
export function sha256Of(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** SHA-256 of pieces, one after the other, in hexadecimal; of texts, their UTF-8. */
export function sha256(pieces: Iterable<Uint8Array | string>): string {
  const all = createHash('sha256');
  for (const piece of pieces) all.update(piece);
  return all.digest('hex');
}

/** Bytes as base64. */
export function toBase64({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** The bytes of a text that is base64. */
export function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}

/** Number and name of the processors. */
export function processors(): string {
  const all = cpus();
  return `${all.length} × ${all[0]?.model.trim().replace(/\s+/g, ' ') || 'an unnamed processor'}`;
}

/** Bytes that the system, or the container, has to give. */
export function availableMemory(): number {
  return process.availableMemory();
}

/** Less than one processor, by which the load of the last minute must be below their number. */
const IDLE = 0.5;

/** Whether not all processors were busy in the last minute. Windows does not tell, and counts as idle. */
export function hasIdleProcessor(): boolean {
  return (loadavg()[0] ?? 0) < availableParallelism() - IDLE;
}
