/**
 * Messages → bytes, as parts to be written one after the other.
 *
 * 1. A message that is exactly as decoded is put back as the bytes it came from; only what a rewrite changed is encoded anew, and
 *    weights go from source to target as slices, never through a second copy in memory.
 * 2. Parts are made when they are asked for, in a block of memory that is used again: a rewritten graph of 100,000 nodes has
 *    170 MB, which nobody needs at once. The length of a graph stands before it, so everything that is written is gone through
 *    once before, for its length.
 */
import { MemorySource, Slice } from './bytes.ts';
import { LARGEST_MESSAGE, tooLarge } from './decode.ts';
import { rawSpanOf } from './messages.ts';
import { type Field, type Int64, type Message, type MessageName, SCHEMA } from './table.ts';
import { WireWriter } from './wire-writer.ts';

/** What a model's file consists of, in order. */
export interface Encoded {
  /** Of all parts, in bytes. */
  readonly length: number;
  /** Can be gone through again and again. A part of bytes is good until the next is asked for. */
  readonly parts: Iterable<Uint8Array | Slice>;
}

const DELIMITED = 2;
const WIRES: Readonly<Record<string, number>> = { float: 5, double: 1, int32: 0, int64: 0 };
/** Bytes from this size on are parts of their own; fewer are cheaper to copy than to keep apart. */
const OWN_PART = 4096;
/** Small values are gathered up to about this many bytes before they become a part. */
const GATHERED = 1 << 20;
/** What holds everything else. Written message by message however small: its content may come to any size. */
const CONTAINERS: ReadonlySet<MessageName> = new Set([
  'ModelProto',
  'GraphProto',
  'FunctionProto',
  'TrainingInfoProto',
]);

/** A field with what is asked of it for each message. */
interface Entry extends Field {
  readonly name: string;
  /** Its number and wire type as the format packs them. */
  readonly tag: number;
  /** The type of the messages in it; `undefined` where it holds none. */
  readonly inner: MessageName | undefined;
  /** Whether it may hold many bytes: a blob, packed numbers, messages. */
  readonly mayBeLarge: boolean;
}

const FIELDS: Readonly<Record<string, readonly Entry[]>> = Object.fromEntries(
  Object.entries(SCHEMA).map(([message, fields]) => [
    message,
    Object.entries(fields as Record<string, Field>).map(entryOf),
  ]),
);

function fieldsOf(type: MessageName): readonly Entry[] {
  return FIELDS[type] as readonly Entry[];
}

function entryOf([name, { number, type, repeated }]: [string, Field]): Entry {
  const inner = type in SCHEMA ? (type as MessageName) : undefined;
  const wire = WIRES[type] ?? DELIMITED;
  const mayBeLarge = inner !== undefined || type === 'blob' || type.startsWith('packed ');
  return { name, number, type, repeated, tag: ((number << 3) | wire) >>> 0, inner, mayBeLarge };
}

/**
 * Encodes a message of the given type. Same message, same bytes.
 *
 * @throws GnSwapError `unsupported-model` where it has more bytes than protocol buffers allow
 */
export function encode<K extends MessageName>(type: K, message: Message<K>): Encoded {
  const raw = rawSpanOf(message);
  if (raw !== undefined) return asItIs(new Slice(raw.source, raw.start, raw.end));
  const lengths = new Map<object, number>();
  const length = new Encoder(lengths).lengthOf(type, message);
  // Lengths inside may have been cut to 32 bits, but then the whole is as large and stops here.
  if (length > LARGEST_MESSAGE) throw tooLarge(length);
  return { length, parts: { [Symbol.iterator]: () => new Encoder(lengths).parts(type, message) } };
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

type Fields = Readonly<Record<string, unknown>>;

/** Goes through a message once: small values are gathered, slices stay as they are, neighbours in a source are joined. */
class Encoder {
  /** Of messages that are not written in one piece, once they are known. */
  readonly #lengths: Map<object, number>;
  readonly #out = new WireWriter(GATHERED + (GATHERED >> 3));
  /** Comes after what was gathered, and may still be joined by its neighbour. */
  #pending: Slice | undefined;

  constructor(lengths: Map<object, number>) {
    this.#lengths = lengths;
  }

  /** Of a message's content, in bytes. Nothing may be gathered or pending. */
  lengthOf(type: MessageName, message: object): number {
    const known = this.#lengths.get(message);
    if (known !== undefined) return known;
    let length = 0;
    for (const part of this.parts(type, message)) length += part.length;
    this.#lengths.set(message, length);
    return length;
  }

  /** The parts of a message's content. */
  *parts(type: MessageName, message: object): Generator<Uint8Array | Slice> {
    for (const field of fieldsOf(type)) {
      const value = (message as Fields)[field.name];
      if (isAbsent(field, value)) continue;
      const values = field.repeated ? (value as readonly unknown[]) : [value];
      for (const it of values) {
        if (this.#put(field, it)) {
          if (this.#out.length >= GATHERED) yield* this.#flush();
        } else {
          yield* this.#large(field, it);
        }
      }
    }
    for (const unknown of (message as Message<MessageName>).unknownFields) {
      if (this.#pending !== undefined) yield* this.#flush();
      this.#out.raw(unknown);
    }
    yield* this.#flush();
  }

  /** Gives out what was gathered, and what is pending. */
  *#flush(): Generator<Uint8Array | Slice> {
    if (this.#out.length > 0) {
      yield this.#out.written();
      this.#out.clear();
    }
    const slice = this.#pending;
    this.#pending = undefined;
    if (slice !== undefined) yield slice;
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

  /** A value that can't be gathered: something before it must be given out, or it is too large. */
  *#large(field: Entry, value: unknown): Generator<Uint8Array | Slice> {
    const { tag, inner } = field;
    yield* this.#flush();
    if (this.#put(field, value)) return;
    if (value instanceof Slice) {
      this.#begin(tag, value.length);
      this.#pending = value;
    } else if (typeof value === 'string') {
      const bytes = new TextEncoder().encode(value);
      this.#begin(tag, bytes.length);
      yield* this.#flush();
      yield bytes;
    } else if (inner !== undefined) {
      const span = rawSpanOf(value as object);
      const length = span === undefined ? this.lengthOf(inner, value as object) : span.end - span.start;
      this.#begin(tag, length);
      if (span === undefined) yield* this.parts(inner, value as object);
      else this.#pending = new Slice(span.source, span.start, span.end);
    }
  }

  #begin(tag: number, length: number): void {
    this.#out.varint(tag);
    this.#out.varint(length);
  }
}

function isAbsent({ type, repeated }: Field, value: unknown): boolean {
  return repeated
    ? (value as readonly unknown[]).length === 0
    : value === undefined || (type === 'string' && value === '');
}

/** Whether a value that is no message should be a part of its own. */
function isLarge(value: unknown): boolean {
  return (value instanceof Slice || typeof value === 'string') && value.length >= OWN_PART;
}

/** Whether a message has few bytes and no slice that should stay one. */
function isSmall(type: MessageName, message: object): boolean {
  if (CONTAINERS.has(type)) return false;
  const span = rawSpanOf(message);
  if (span !== undefined) return span.end - span.header < OWN_PART;
  if (type === 'StringStringEntryProto') return (message as Message<typeof type>).value.length < OWN_PART;
  for (const { name, inner, repeated, mayBeLarge } of fieldsOf(type)) {
    if (!mayBeLarge) continue;
    const value = (message as Fields)[name];
    if (value === undefined) continue;
    if (value instanceof Slice) {
      if (value.length >= OWN_PART) return false;
    } else if (inner !== undefined) {
      // Most lists are empty, so that none is made of a single value.
      if (!repeated) {
        if (!isSmall(inner, value as object)) return false;
      } else {
        for (const it of value as readonly object[]) if (!isSmall(inner, it)) return false;
      }
    }
  }
  return true;
}

/** Writes a small message, with its tag and length. */
function writeMessage({ number, tag }: Entry, type: MessageName, message: Fields, out: WireWriter): void {
  const span = rawSpanOf(message);
  if (span !== undefined && span.field === number) {
    out.raw(span.source.read(span.header, span.end));
    return;
  }
  out.varint(tag);
  if (span !== undefined) {
    out.varint(span.end - span.start);
    out.raw(span.source.read(span.start, span.end));
    return;
  }
  const start = out.begin();
  for (const field of fieldsOf(type)) {
    const value = message[field.name];
    if (isAbsent(field, value)) continue;
    if (!field.repeated) writeOne(field, value, out);
    else for (const it of value as readonly unknown[]) writeOne(field, it, out);
  }
  for (const unknown of message.unknownFields as readonly Uint8Array[]) out.raw(unknown);
  out.end(start);
}

function writeOne(field: Entry, value: unknown, out: WireWriter): void {
  if (field.inner === undefined) writeScalar(field, value, out);
  else writeMessage(field, field.inner, value as Fields, out);
}

function writeScalar({ tag, type }: Entry, value: unknown, out: WireWriter): void {
  out.varint(tag);
  switch (type) {
    case 'string':
    case 'string?':
      out.string(value as string);
      return;
    case 'int32':
    case 'int64':
      out.integer(value as Int64);
      return;
    case 'float':
      out.float(value as number);
      return;
    case 'double':
      out.double(value as number);
      return;
    default: {
      const bytes = value instanceof Slice ? value.bytes() : (value as Uint8Array);
      out.varint(bytes.length);
      out.raw(bytes);
    }
  }
}
