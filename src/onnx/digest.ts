/** A file's fingerprint, for telling later whether it is the one a rewrite began with. */
import { sha256 } from '../host/node.ts';
import type { ByteSource } from './bytes.ts';

/** Files up to this size are hashed whole. */
const WHOLE = 16 << 20;
/** Of larger files: this many pieces of this size, evenly spread, first and last bytes included. */
const [PIECES, PIECE] = [64, 64 << 10] as const;

/**
 * SHA-256 of a source, in hexadecimal: `sha256:…` of all its bytes, or for sources over 16 MiB `sha256-sampled:…` of the
 * size (decimal, in ASCII) and 64 evenly spread pieces of 64 KiB, so that a file of gigabytes is told apart in milliseconds.
 */
export function digestOf(source: ByteSource): string {
  const isWhole = source.size <= WHOLE;
  const bytes = isWhole ? source.read(0, source.size) : sampleOf(source);
  return `${isWhole ? 'sha256' : 'sha256-sampled'}:${sha256([bytes])}`;
}

function sampleOf(source: ByteSource): Uint8Array {
  const size = new TextEncoder().encode(String(source.size));
  const sample = new Uint8Array(size.length + PIECES * PIECE);
  sample.set(size);
  for (let piece = 0; piece < PIECES; piece++) {
    const start = Math.floor(((source.size - PIECE) * piece) / (PIECES - 1));
    sample.set(source.read(start, start + PIECE), size.length + piece * PIECE);
  }
  return sample;
}
