/**
 * Long lists of small messages, as parts that are encoded when they are written, 64 kB at a time. Their lengths are told before, so that the
 * length of a graph can stand before it: the output of 10,000 nodes is 16 MB that need not be in memory.
 */
import { type ByteSource, MemorySource, Slice } from './bytes.ts';
import { runLength, writeRun } from './encode-run.ts';
import { type Entry, type Fields, isSmall, OWN_PART, writeMessage } from './encode-small.ts';
import { messageLength } from './message-length.ts';
import { rawSpanOf } from './messages.ts';
import { NodeRun } from './node-run.ts';
import type { MessageName } from './table.ts';
import { WireWriter } from './wire-writer.ts';

/** A repeated field of messages. */
export type ListField = Entry & { readonly inner: MessageName };

/** Bytes that an item takes; −1 for one that has slices which should stay slices, or comes from somewhere else than memory. */
export function lengthLater(field: ListField, item: object): number {
  if (item instanceof NodeRun) return runLength(item, field);
  const span = rawSpanOf(item);
  if (span === undefined) return isSmall(field.inner, item) ? messageLength(field, field.inner, item) : -1;
  const isHere = span.end - span.header < OWN_PART && span.source instanceof MemorySource;
  return isHere ? messageLength(field, field.inner, item) : -1;
}

/** Some items of a list, one after the other, of so many bytes together. */
export function laterPart(field: ListField, items: readonly object[], bytes: number): Slice {
  return new Slice(new ItemsSource(field, items, bytes), 0, bytes);
}

class ItemsSource implements ByteSource {
  readonly size: number;
  readonly lends = true;
  readonly #field: ListField;
  readonly #items: readonly object[];

  constructor(field: ListField, items: readonly object[], size: number) {
    this.size = size;
    this.#field = field;
    this.#items = items;
  }

  /** Encodes the whole part, even if a piece is asked for: to write a file, all of it is read. */
  read(start: number, end: number): Uint8Array {
    // What an error left there.
    OUT.lend();
    for (const it of this.#items) {
      if (it instanceof NodeRun) writeRun(it, this.#field, OUT);
      else writeMessage(this.#field, this.#field.inner, it as Fields, OUT);
    }
    const bytes = OUT.lend();
    if (bytes.length !== this.size) {
      throw new RangeError(`${bytes.length} bytes were written where ${this.size} were told`);
    }
    return bytes.subarray(start, end);
  }
}

/** Of all lists. */
const OUT = new WireWriter(1 << 12);

/** Bytes of a part, or a few more: so few that they are still at hand when they are copied. */
export const LATER_PART = 1 << 16;
