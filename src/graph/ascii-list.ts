/** What a list holds; also what is left of it on another thread. */
export type AsciiTexts = Pick<AsciiList, 'bytes' | 'ends' | 'count'>;

/** Texts of ASCII, as bytes one behind another. */
export class AsciiList {
  /** With room behind the last text. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Where each text ends. */
  ends: Int32Array<ArrayBuffer>;
  count: number;

  constructor({ bytes, ends, count }: AsciiTexts = { bytes: new Uint8Array(256), ends: new Int32Array(16), count: 0 }) {
    this.bytes = bytes;
    this.ends = ends;
    this.count = count;
  }

  /** Where a text begins. */
  start(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] as number);
  }

  /** Of all texts, in bytes. */
  get size(): number {
    return this.start(this.count);
  }

  /** Makes room for one more text. */
  reserve(length: number): void {
    const { size, count } = this;
    if (count + 1 > this.ends.length || size + length > this.bytes.length)
      this.#grow(2 * (size + length), 2 * (count + 1));
  }

  /** Makes room for so many more texts of so many bytes together, and not for more. */
  expect(length: number, texts: number): void {
    this.#grow(this.size + length, this.count + texts);
  }

  #grow(bytes: number, texts: number): void {
    if (texts > this.ends.length) {
      const longer = new Int32Array(texts);
      longer.set(this.ends.subarray(0, this.count));
      this.ends = longer;
    }
    if (bytes > this.bytes.length) {
      const larger = new Uint8Array(bytes);
      larger.set(this.bytes.subarray(0, this.size));
      this.bytes = larger;
    }
  }

  /** Holds what another list does, and no more. */
  assign({ bytes, ends, count }: AsciiTexts): void {
    this.count = 0;
    const size = count === 0 ? 0 : (ends[count - 1] as number);
    this.expect(size, count);
    this.bytes.set(bytes.subarray(0, size));
    this.ends.set(ends.subarray(0, count));
    this.count = count;
  }

  /** Adds a text that is known to be ASCII. */
  add(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.size;
    for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index);
    this.ends[this.count++] = at;
  }
}
