/** Weights that take no memory: seeded float32 noise, computed where it is read. */
import type { ByteSource } from '../../src/onnx/bytes.ts';
import { Random } from '../ocr/random.ts';

/** Prime, so that rows of a weight, which are powers of two long, are not copies of each other. */
const PERIOD = 65_537;
const FLOAT_BYTES = 4;

/** Uniform numbers of zero mean, as little-endian float32: a period of 65,537 of them, over and over. */
export class Noise implements ByteSource {
  readonly size: number;
  readonly #period: Uint8Array;

  /**
   * @param size in bytes
   * @param deviation the numbers' standard deviation
   */
  constructor(size: number, deviation: number, seed = 1) {
    this.size = size;
    // Uniform in [−a, a) has a deviation of a/√3.
    const most = deviation * Math.sqrt(3);
    const random = new Random(seed);
    this.#period = new Uint8Array(PERIOD * FLOAT_BYTES);
    const view = new DataView(this.#period.buffer);
    for (let i = 0; i < PERIOD; i++) view.setFloat32(i * FLOAT_BYTES, random.between(-most, most), true);
  }

  read(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start);
    for (let done = 0; done < bytes.length; ) {
      const from = (start + done) % this.#period.length;
      const piece = this.#period.subarray(from, from + bytes.length - done);
      bytes.set(piece, done);
      done += piece.length;
    }
    return bytes;
  }
}
