/**
 * Messages → bytes, as a list of parts to be written one after the other.
 *
 * A message that is exactly as decoded is put back as the bytes it came from; only what a rewrite changed is encoded
 * anew, and weights go from source to target as slices, never through a second copy in memory.
 */
import Long from 'long';
import protobuf from 'protobufjs/minimal.js';
import { MemorySource, Slice } from './bytes.ts';
import { LARGEST_MESSAGE, tooLarge } from './decode.ts';
import { rawSpanOf } from './messages.ts';
import { type Field, type Int64, type Message, type MessageName, SCHEMA } from './table.ts';

/** What a model's file consists of, in order. */
export interface Encoded {
  /** Of all parts, in bytes. */
  readonly length: number;
  readonly parts: readonly (Uint8Array | Slice)[];
}

const DELIMITED = 2;
const WIRE = { float: 5, double: 1, int32: 0, int64: 0 } as const;
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

const FIELDS = Object.fromEntries(
  Object.entries(SCHEMA).map(([type, fields]) => [type, Object.entries(fields as Record<string, Field>)]),
) as Record<MessageName, [string, Field][]>;

/** Of each type, the fields that may hold many bytes: blobs, packed numbers, and messages of the type `inner`. */
const MAY_BE_LARGE = Object.fromEntries(
  Object.entries(FIELDS).map(([type, fields]) => [
    type,
    fields
      .filter(([, { type: of }]) => of === 'blob' || of.startsWith('packed ') || of in FIELDS)
      .map(([name, { type: of, repeated }]) => [name, of in FIELDS ? of : undefined, repeated]),
  ]),
) as Record<MessageName, [name: string, inner: MessageName | undefined, repeated: boolean][]>;

/**
 * Encodes a message of the given type. Same message, same bytes.
 *
 * @throws GnSwapError `unsupported-model` where it has more bytes than protocol buffers allow
 */
export function encode<K extends MessageName>(type: K, message: Message<K>): Encoded {
  const raw = rawSpanOf(message);
  const encoded = raw === undefined ? encodeAnew(type, message) : asItIs(new Slice(raw.source, raw.start, raw.end));
  // Lengths inside may have been cut to 32 bits, but then the whole is as large and stops here.
  if (encoded.length > LARGEST_MESSAGE) throw tooLarge(encoded.length);
  return encoded;
}

function encodeAnew(type: MessageName, message: object): Encoded {
  const out = new Parts();
  writeFields(type, message as Readonly<Record<string, unknown>>, out);
  return out.finish();
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

/** Collects parts: small values through a protobufjs `Writer`, slices as they are, neighbours in a source joined. */
class Parts {
  #length = 0;
  readonly #parts: (Uint8Array | Slice)[] = [];
  /** One for all: a message of a graph has some ten bytes, and there are many. */
  readonly #writer = protobuf.Writer.create();
  /** Comes after what the writer holds, and may still be joined by its neighbour. */
  #pending: Slice | undefined;
  #depth = 0;

  /** The writer for the next small values. */
  get small(): protobuf.Writer {
    this.#settle();
    return this.#writer;
  }

  /** Whether a message is being written {@link inOnePiece}. */
  get isInOnePiece(): boolean {
    return this.#depth > 0;
  }

  /** Puts the length before what `write` writes. Until it returns, slices are copied. */
  inOnePiece(write: () => void): void {
    this.small.fork();
    this.#depth++;
    write();
    this.#depth--;
    this.#writer.ldelim();
    if (this.#depth === 0 && this.#writer.pos >= GATHERED) this.#flush();
  }

  slice(slice: Slice): void {
    if (slice.length === 0) return;
    if (this.isInOnePiece) {
      this.#writer.raw(slice.bytes());
      return;
    }
    const last = this.#pending;
    if (last !== undefined && last.source === slice.source && last.end === slice.start) {
      this.#pending = new Slice(slice.source, last.start, slice.end);
    } else {
      this.#settle();
      this.#pending = slice;
    }
  }

  append({ parts }: Encoded): void {
    for (const part of parts) {
      if (part instanceof Slice) this.slice(part);
      else this.#push(part);
    }
  }

  finish(): Encoded {
    this.#settle();
    this.#flush();
    return { length: this.#length, parts: this.#parts };
  }

  /** Copies a few bytes that have no neighbour, such as a node between two that changed. */
  #settle(): void {
    const slice = this.#pending;
    if (slice === undefined) return;
    this.#pending = undefined;
    if (slice.length < OWN_PART && slice.source instanceof MemorySource) this.#writer.raw(slice.bytes());
    else this.#keep(slice);
  }

  #push(bytes: Uint8Array): void {
    this.#settle();
    if (bytes.length < OWN_PART) this.#writer.raw(bytes);
    else this.#keep(bytes);
  }

  /** Adds a part as it is. */
  #keep(part: Uint8Array | Slice): void {
    this.#flush();
    this.#parts.push(part);
    this.#length += part.length;
  }

  #flush(): void {
    if (this.#writer.pos === 0) return;
    const bytes = this.#writer.finish();
    this.#writer.reset();
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }
}

/** Whether a message has few bytes and no slice that should stay one. */
function isSmall(type: MessageName, message: object): boolean {
  if (CONTAINERS.has(type)) return false;
  const span = rawSpanOf(message);
  if (span !== undefined) return span.end - span.header < OWN_PART;
  for (const [name, inner, repeated] of MAY_BE_LARGE[type]) {
    const value = (message as Readonly<Record<string, unknown>>)[name];
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

function writeFields(type: MessageName, message: Readonly<Record<string, unknown>>, out: Parts): void {
  for (const [name, field] of FIELDS[type]) {
    const value = message[name];
    if (field.repeated) writeRepeated(field, value as readonly unknown[], out);
    else if (value !== undefined && !(field.type === 'string' && value === '')) writeOne(field, value, out);
  }
  for (const unknown of message.unknownFields as readonly Uint8Array[]) out.small.raw(unknown);
}

function writeRepeated(field: Field, values: readonly unknown[], out: Parts): void {
  for (const value of values) writeOne(field, value, out);
}

function writeOne(field: Field, value: unknown, out: Parts): void {
  const { number, type } = field;
  switch (type) {
    case 'float':
      out.small.uint32(tagOf(number, WIRE.float)).float(value as number);
      return;
    case 'double':
      out.small.uint32(tagOf(number, WIRE.double)).double(value as number);
      return;
    case 'int32':
      out.small.uint32(tagOf(number, WIRE.int32)).int32(value as number);
      return;
    case 'int64':
      writeInt64(out.small.uint32(tagOf(number, WIRE.int64)), value as Int64);
      return;
    case 'string':
    case 'string?':
      out.small.uint32(tagOf(number, DELIMITED)).string(value as string);
      return;
    case 'bytes':
      out.small.uint32(tagOf(number, DELIMITED)).bytes(value as Uint8Array);
      return;
    case 'blob':
    case 'packed float':
    case 'packed double':
    case 'packed int32':
    case 'packed int64':
    case 'packed uint64': {
      const slice = value as Slice;
      out.small.uint32(tagOf(number, DELIMITED)).uint32(slice.length);
      if (slice.length < OWN_PART) out.small.raw(slice.bytes());
      else out.slice(slice);
      return;
    }
    default:
      writeMessage(number, type, value as object, out);
  }
}

function writeMessage(number: number, type: MessageName, message: object, out: Parts): void {
  const span = rawSpanOf(message);
  const fields = message as Readonly<Record<string, unknown>>;
  if (span === undefined && (out.isInOnePiece || isSmall(type, message))) {
    out.small.uint32(tagOf(number, DELIMITED));
    out.inOnePiece(() => writeFields(type, fields, out));
  } else if (span === undefined) {
    const encoded = encodeAnew(type, message);
    out.small.uint32(tagOf(number, DELIMITED)).uint32(encoded.length);
    out.append(encoded);
  } else if (span.field === number) {
    // With its own tag and length: untouched neighbours join into one slice.
    out.slice(new Slice(span.source, span.header, span.end));
  } else {
    out.small.uint32(tagOf(number, DELIMITED)).uint32(span.end - span.start);
    out.slice(new Slice(span.source, span.start, span.end));
  }
}

function tagOf(number: number, wire: number): number {
  return ((number << 3) | wire) >>> 0;
}

function writeInt64(writer: protobuf.Writer, value: Int64): void {
  if (typeof value === 'number') writer.int64(value);
  else writer.int64(Long.fromBigInt(value));
}
