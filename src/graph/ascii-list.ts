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

  /** Makes room for one more text, or for more of that length together. */
  reserve(length: number, texts = 1): void {
    if (this.count + texts > this.ends.length) {
      const longer = new Int32Array(2 * (this.count + texts));
      longer.set(this.ends);
      this.ends = longer;
    }
    const { size } = this;
    if (size + length <= this.bytes.length) return;
    const larger = new Uint8Array(2 * (size + length));
    larger.set(this.bytes.subarray(0, size));
    this.bytes = larger;
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
