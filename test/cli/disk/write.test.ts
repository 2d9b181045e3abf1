import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { writeParts } from '../../../src/cli/disk/write.ts';
import { type ByteSource, Slice } from '../../../src/onnx/bytes.ts';
import { useScratch } from '../../support/scratch.ts';

/** Gives numbers of its own in memory that all of them share, as lists do that are encoded when they are written. */
class Lent implements ByteSource {
  static readonly #shared = new Uint8Array(1 << 16);
  readonly size: number;
  readonly lends = true;
  readonly #number: number;

  constructor(number: number, size: number) {
    this.#number = number;
    this.size = size;
  }

  read(start: number, end: number): Uint8Array {
    Lent.#shared.fill(this.#number, 0, this.size);
    return Lent.#shared.subarray(start, end);
  }
}

describe('writeParts', () => {
  const scratch = useScratch();
  const SIZE = 60_001;

  /** Parts that end in the middle of every buffer, and bytes between them. */
  function partsFrom(first: number) {
    const numbers = Array.from({ length: 70 }, (_, index) => (first + index) % 251);
    const parts = numbers.map((it, index) =>
      index % 7 === 3 ? new Uint8Array(SIZE).fill(it) : new Slice(new Lent(it, SIZE), 0, SIZE),
    );
    const expected = Buffer.concat(numbers.map((it) => Buffer.alloc(SIZE, it)));
    return { parts, length: expected.length, expected };
  }

  it('copies lent bytes before it waits, also where two files are written at a time', async () => {
    const files = [1, 90, 170].map((first) => ({ ...partsFrom(first), file: scratch().path(`${first}.bin`) }));
    const synced = await Promise.all(files.map(({ file, ...encoded }) => writeParts(file, encoded, file, false)));
    for (const wait of synced) await wait();
    for (const { file, expected } of files) expect(Buffer.compare(readFileSync(file), expected)).to.equal(0);
  });
});
