/**
 * Messages → bytes, as parts to be written one after the other.
 *
 * 1. A message that is exactly as decoded is put back as the bytes it came from; only what a rewrite changed is encoded anew, and
 *    weights go from source to target as slices, never through a second copy in memory.
 * 2. The length of a graph stands before it. Its content is encoded first, in blocks that are kept, and the length is put in
 *    between: going through 100,000 nodes a second time for their length took as long as writing them.
 */
import { MemorySource, Slice } from './bytes.ts';
import { LARGEST_MESSAGE, tooLarge } from './decode.ts';
import { LATER_PART, type ListField, laterPart, lengthLater } from './encode-later.ts';
import { writeRun } from './encode-run.ts';
import {
  type Entry,
  type Fields,
  fieldsOf,
  isAbsent,
  isLarge,
  isSmall,
  OWN_PART,
  writeMessage,
  writeScalar,
} from './encode-small.ts';
import { rawSpanOf } from './messages.ts';
import { type NodeList, NodeRun, nodeListOf } from './node-run.ts';
import type { GraphProto, Message, MessageName } from './table.ts';
import { WireWriter } from './wire-writer.ts';

/** What a model's file consists of, in order. */
export interface Encoded {
  /** Of all parts, in bytes. */
  readonly length: number;
  readonly parts: readonly (Uint8Array | Slice)[];
}

/** Small values are gathered up to about this many bytes before they become a part: nearly all of a block, so that it need not grow. */
const GATHERED = (1 << 20) - (1 << 16);
/** Most models that are made to look into another are small. */
const FIRST_BLOCK = 1 << 14;
/** Bytes, more than twice what a tag and a length take, so that the block is used again. */
const HEADER_BLOCK = 64;

/**
 * Encodes a message of the given type. Same message, same bytes.
 *
 * @param staysHere whether the bytes stay in memory, where lists that are left until they are written save less
 * @throws GnSwapError `unsupported-model` where it has more bytes than protocol buffers allow
 */
export function encode<K extends MessageName>(type: K, message: Message<K>, staysHere = false): Encoded {
  return encodeFrom(type, message, staysHere ? MANY_HERE : MANY);
}

/** @param many length from which on lists are left until they are written */
function encodeFrom<K extends MessageName>(type: K, message: Message<K>, many: number): Encoded {
  const raw = rawSpanOf(message);
  if (raw !== undefined) return asItIs(new Slice(raw.source, raw.start, raw.end));
  const encoder = new Encoder(many);
  encoder.put(type, message);
  const { length, parts } = encoder;
  if (length > LARGEST_MESSAGE) throw tooLarge(length);
  return { length, parts };
}

/** What was encoded before it was wanted. */
const AHEAD = new WeakMap<object, Encoded>();

/** Encodes a part of a message, such as its graph, while there is nothing else to do. What encodes the whole takes it from there. */
export function encodeAhead<K extends MessageName>(type: K, message: Message<K>): void {
  AHEAD.set(message, encodeFrom(type, message, Number.POSITIVE_INFINITY));
}

function asItIs(slice: Slice): Encoded {
  return { length: slice.length, parts: slice.length === 0 ? [] : [slice] };
}

/** All parts in one block; for models that are meant to stay in memory. */
export function toBytes({ length, parts }: Encoded): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    for (const chunk of part instanceof Slice ? part.chunks() : [part]) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
  }
  return bytes;
}

/** Lists from so many messages on are left until they are written; a model of 500 norms has fewer. */
const MANY = 4096;
/**
 * The same for bytes that stay in memory: to tell their length before takes as long as to encode them. A calibration of 1,000 norms opens a graph of
 * 51,000 nodes, which are 6 MB.
 */
const MANY_HERE = 1 << 16;

function isOfMessages(field: Entry): field is ListField {
  return field.inner !== undefined;
}

/** What stands where a header will be, until the length of its content is known. */
const NOTHING = new Uint8Array(0);

/** Goes through a message once: small values are gathered, slices stay as they are, neighbours in a source are joined. */
class Encoder {
  readonly parts: (Uint8Array | Slice)[] = [];
  readonly #out = new WireWriter(FIRST_BLOCK);
  /** Of one length at a time: to make a writer costs more than to write the length. */
  readonly #header = new WireWriter(HEADER_BLOCK);
  /** Comes after what was gathered, and may still be joined by its neighbour. */
  #pending: Slice | undefined;
  #length = 0;
  readonly #many: number;

  /** @param many length from which on lists are encoded when they are written */
  constructor(many: number) {
    this.#many = many;
  }

  /** Of the parts, in bytes. */
  get length(): number {
    return this.#length;
  }

  /** Adds the content of a message to the parts. */
  put(type: MessageName, message: object): void {
    for (const field of fieldsOf(type)) {
      const isNodes = type === 'GraphProto' && field.name === 'node';
      const value = isNodes ? nodeListOf(message as GraphProto) : (message as Fields)[field.name];
      if (isAbsent(field, value)) continue;
      if (!field.repeated) this.#add(field, value);
      else if ((value as NodeList).length >= this.#many && isOfMessages(field)) this.#later(field, value as NodeList);
      else if (isNodes) this.#nodes(field, value as NodeList);
      else this.#items(field, value as readonly unknown[]);
    }
    for (const unknown of (message as Message<MessageName>).unknownFields) {
      if (this.#pending !== undefined) this.#flush();
      this.#out.raw(unknown);
    }
    this.#flush();
  }

  /** A list whose items are encoded when they are written, except for those that can't be part of a block. */
  #later(field: ListField, list: readonly object[]): void {
    let first = 0;
    let bytes = 0;
    const settle = (end: number) => {
      if (bytes > 0) this.#push(laterPart(field, list.slice(first, end), bytes));
      first = end;
      bytes = 0;
    };
    for (let index = 0; index < list.length; index++) {
      const item = list[index] as object;
      const length = lengthLater(field, item);
      if (length >= 0) {
        if (bytes === 0) this.#flush();
        bytes += length;
        if (bytes >= LATER_PART) settle(index + 1);
        continue;
      }
      settle(index);
      this.#add(field, item);
      first = index + 1;
    }
    settle(list.length);
  }

  #items(field: Entry, list: readonly unknown[]): void {
    // By index, as everywhere here: an iterator makes an object for each of a million values.
    for (let index = 0; index < list.length; index++) this.#add(field, list[index]);
  }

  #nodes(field: Entry, list: NodeList): void {
    for (let index = 0; index < list.length; index++) {
      const it = list[index];
      if (!(it instanceof NodeRun)) {
        this.#add(field, it);
        continue;
      }
      if (!this.#settle()) this.#flush();
      writeRun(it, field, this.#out);
      if (this.#out.length >= GATHERED) this.#flush();
    }
  }

  #add(field: Entry, value: unknown): void {
    if (!this.#put(field, value)) this.#large(field, value);
    else if (this.#out.length >= GATHERED) this.#flush();
  }

  #flush(): void {
    if (this.#out.length > 0) this.#push(this.#out.take());
    if (this.#pending !== undefined) this.#push(this.#pending);
    this.#pending = undefined;
  }

  #push(part: Uint8Array | Slice): void {
    this.parts.push(part);
    this.#length += part.length;
  }

  /** Gathers a value, if that needs no part to be given out before; else it is {@link #large}. */
  #put(field: Entry, value: unknown): boolean {
    const { number, inner } = field;
    if (inner === undefined) {
      if (isLarge(value) || !this.#settle()) return false;
      writeScalar(field, value, this.#out);
      return true;
    }
    const span = rawSpanOf(value as object);
    if (span === undefined) {
      if (!isSmall(inner, value as object) || !this.#settle()) return false;
      writeMessage(field, inner, value as Fields, this.#out);
      return true;
    }
    // With its own tag and length: untouched neighbours join into one slice.
    if (span.field !== number) return false;
    const last = this.#pending;
    if (last !== undefined && last.source === span.source && last.end === span.header) {
      this.#pending = new Slice(span.source, last.start, span.end);
      return true;
    }
    if (!this.#settle()) return false;
    this.#pending = new Slice(span.source, span.header, span.end);
    return true;
  }

  /** Copies a few bytes that have no neighbour, such as a node between two that changed; true where nothing is pending then. */
  #settle(): boolean {
    const slice = this.#pending;
    if (slice === undefined) return true;
    if (slice.length >= OWN_PART || !(slice.source instanceof MemorySource)) return false;
    this.#out.raw(slice.bytes());
    this.#pending = undefined;
    return true;
  }

  /** A value that can't be gathered: something before it must become a part first, or it is too large. */
  #large(field: Entry, value: unknown): void {
    const { tag, inner } = field;
    this.#flush();
    if (this.#put(field, value)) return;
    if (value instanceof Slice) {
      this.#begin(tag, value.length);
      this.#pending = value;
    } else if (typeof value === 'string') {
      const bytes = new TextEncoder().encode(value);
      this.#begin(tag, bytes.length);
      this.#flush();
      this.#push(bytes);
    } else if (inner !== undefined) {
      const span = rawSpanOf(value as object);
      if (span === undefined) {
        const ahead = AHEAD.get(value as object);
        this.#behindLength(tag, () => (ahead === undefined ? this.put(inner, value as object) : this.#take(ahead)));
      } else {
        this.#begin(tag, span.end - span.start);
        this.#pending = new Slice(span.source, span.start, span.end);
      }
    }
  }

  #take({ parts }: Encoded): void {
    for (const part of parts) this.#push(part);
  }

  /** Puts the length of what is added before it. */
  #behindLength(tag: number, add: () => void): void {
    const at = this.parts.push(NOTHING) - 1;
    const before = this.#length;
    add();
    this.#header.varint(tag);
    this.#header.varint(this.#length - before);
    const bytes = this.#header.take();
    this.parts[at] = bytes;
    this.#length += bytes.length;
  }

  #begin(tag: number, length: number): void {
    this.#out.varint(tag);
    this.#out.varint(length);
  }
}
