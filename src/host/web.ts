/// <reference lib="dom" />
/** What the core asks of its host, in a browser. Offers what `node.ts` does. */
import { sha256 as digest } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { inflateSync } from 'fflate';

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  return value;
});

/** Reads texts in UTF-8 between two places of bytes; U+FFFD stands for what is none. */
export function textsOf(bytes: Uint8Array): (start: number, end: number) => string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return (start, end) => decoder.decode(bytes.subarray(start, end));
}

/** CRC-32 of bytes, as zip files have it. */
export function crc32Of(bytes: Uint8Array): number {
  let value = -1;
  for (let i = 0; i < bytes.length; i++) {
    value = (value >>> 8) ^ (TABLE[(value ^ (bytes[i] as number)) & 255] as number);
  }
  return ~value >>> 0;
}

/** Unpacks what was deflated, without a header, to so many bytes. */
export function inflateRaw(packed: Uint8Array, size: number): Uint8Array {
  return inflateSync(packed, { out: new Uint8Array(size) });
}

/** SHA-256 of a few bytes, in hexadecimal. Not the browser's own, which gives its result later, and on secure pages alone. */
export function sha256Of(bytes: Uint8Array): string {
  return bytesToHex(digest(bytes));
}

/** SHA-256 of pieces, one after the other, in hexadecimal; of texts, their UTF-8. */
export function sha256(pieces: Iterable<Uint8Array | string>): string {
  const all = digest.create();
  const encoder = new TextEncoder();
  for (const piece of pieces) all.update(typeof piece === 'string' ? encoder.encode(piece) : piece);
  return bytesToHex(all.digest());
}

/** Characters that are made at once: a call takes only so many arguments. */
const AT_ONCE = 1 << 14;

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + AT_ONCE)));
  }
  return btoa(parts.join(''));
}

/** The bytes of a text that is base64. */
export function fromBase64(text: string): Uint8Array {
  const binary = atob(text);
  return Uint8Array.from({ length: binary.length }, (_, i) => binary.charCodeAt(i));
}

/** Number of the processors. Browsers keep their name to themselves. */
export function processors(): string {
  return `${navigator.hardwareConcurrency} × a processor, in a browser`;
}

/** What WebAssembly can address. */
const WASM = 4 * 2 ** 30;

/** Bytes that may be had: of what the browser says that the machine has, no more than WebAssembly can address. */
export function availableMemory(): number {
  const known = 'deviceMemory' in navigator ? Number(navigator.deviceMemory) * 2 ** 30 : WASM;
  return Math.min(known, WASM);
}

/** Whether not all processors are busy: browsers do not tell. */
export function hasIdleProcessor(): boolean {
  return true;
}
