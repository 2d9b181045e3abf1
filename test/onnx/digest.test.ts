import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { digestOf } from '../../src/onnx/digest.ts';
import { PretendedSource, RecordingSource } from './support/sources.ts';

const sha256 = (...parts: readonly (Uint8Array | string)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

const [WHOLE, PIECE] = [16 << 20, 64 << 10];

describe('onnx/digest', () => {
  it('is the SHA-256 of all bytes of a source up to 16 MiB, from memory and from a file', async () => {
    // Of nothing and of "abc": the examples of FIPS 180.
    expect(digestOf(new MemorySource(new Uint8Array(0)))).to.equal(
      'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(digestOf(new MemorySource(new TextEncoder().encode('abc')))).to.equal(
      'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    const bytes = new Uint8Array(WHOLE).fill(3);
    expect(digestOf(new RecordingSource(bytes))).to.equal(`sha256:${sha256(bytes)}`);
  });

  it('of a part of a memory is of that part', async () => {
    const bytes = Uint8Array.of(1, 2, 3, 4);
    expect(digestOf(new MemorySource(bytes.subarray(1, 3)))).to.equal(`sha256:${sha256(Uint8Array.of(2, 3))}`);
  });

  it('of a larger source is of its size and 64 pieces, first and last bytes included', async () => {
    const size = WHOLE + 1000;
    const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
    const file = new RecordingSource(bytes);
    const starts = Array.from({ length: 64 }, (_, piece) => Math.floor(((size - PIECE) * piece) / 63));
    const pieces = starts.map((start) => bytes.subarray(start, start + PIECE));
    expect(digestOf(file)).to.equal(`sha256-sampled:${sha256(`${size}`, ...pieces)}`);
    expect(file.reads[0]?.start).to.equal(0);
    expect(file.reads.at(-1)?.end).to.equal(size);
    expect(file.bytesRead).to.equal(64 * PIECE);
  });

  it('tells sources apart by their size, their first and their last byte', async () => {
    const changed = (at: number, size = WHOLE + 1) => {
      const bytes = new Uint8Array(size);
      bytes[at] = 1;
      return digestOf(new MemorySource(bytes));
    };
    const digests = await Promise.all([changed(0), changed(WHOLE), changed(0, WHOLE + 2), changed(0, WHOLE)]);
    expect(new Set(digests).size).to.equal(4);
  });

  it('takes a source of a terabyte in a few small reads', async () => {
    expect(digestOf(new PretendedSource(new Uint8Array(0), 2 ** 40))).to.match(/^sha256-sampled:[0-9a-f]{64}$/);
  });
});
