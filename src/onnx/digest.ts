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
  const bytes = isWhole ? inPieces(source) : [sampleOf(source)];
  return `${isWhole ? 'sha256' : 'sha256-sampled'}:${sha256(bytes)}`;
}

/** All bytes; of a file, in pieces that are overwritten by the next one, as a block for each would stay until it is collected. */
function* inPieces(source: ByteSource): Generator<Uint8Array> {
  if (source.readInto === undefined) {
    yield source.read(0, source.size);
    return;
  }
  const buffer = new Uint8Array(Math.min(PIECE, source.size));
  for (let at = 0; at < source.size; at += PIECE) {
    const piece = buffer.subarray(0, source.size - at);
    source.readInto(piece, at);
    yield piece;
  }
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
