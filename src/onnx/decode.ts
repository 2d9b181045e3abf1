/**
 * Bytes → messages.
 *
 * Two ways down, one result. A range that is in memory, or small, is decoded by a protobufjs `Reader`. A large range of
 * a file is walked field by field through a window, and what is a blob there (weights) becomes a {@link Slice} that
 * nobody has read. Every message remembers the bytes it came from ({@link rawSpanOf}), so that the encoder can put
 * back what nobody changed byte for byte, whatever wire details its writer chose.
 */
import Long from 'long';
import protobuf from 'protobufjs/minimal.js';
import { GnSwapError } from '../errors.ts';
import { type ByteSource, MemorySource, Slice } from './bytes.ts';
import { create, type Field, type Int64, type Message, type MessageName, SCHEMA } from './schema.ts';

type Reader = protobuf.Reader;

/** Where a message stood: its tag and length at `header`, its content from `start` to `end`. */
export interface RawSpan {
  readonly source: ByteSource;
  readonly header: number;
  readonly start: number;
  readonly end: number;
  /** Number of the field it stood in; 0 for the outermost message. */
  readonly field: number;
}

/** Ranges of a file up to this many bytes are read whole. Larger is faster on disk, smaller holds less. */
const WINDOW = 256 << 10;
/** The longest tag and length together: two varints of ten bytes. */
const LONGEST_HEADER = 20;
/** Protocol buffers' own limit. A subgraph takes three levels, so this is 30 graphs inside each other. */
const DEPTH_LIMIT = 100;

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

const spans = new WeakMap<object, RawSpan>();

/** The bytes that a message was decoded from, if it is exactly as decoded. */
export function rawSpanOf(message: object): RawSpan | undefined {
  return spans.get(message);
}

const FIELDS = Object.fromEntries(
  Object.entries(SCHEMA).map(([message, fields]) => {
    const table: ([string, Field] | undefined)[] = [];
    for (const [name, field] of Object.entries(fields as Record<string, Field>)) table[field.number] = [name, field];
    return [message, table];
  }),
) as Record<MessageName, ([string, Field] | undefined)[]>;

type Mutable = Record<string, unknown> & { unknownFields: Uint8Array[] | readonly never[] };

/**
 * Decodes the bytes of `source` as one message of the given type.
 *
 * @throws GnSwapError `invalid-model` where the bytes are not such a message: truncated, lying about lengths, nested
 *   deeper than 100 messages, or text that is not UTF-8.
 */
export function decode<K extends MessageName>(type: K, source: ByteSource): Message<K> {
  try {
    const message = decodeRange(type, source, { header: 0, start: 0, end: source.size, field: 0 }, 0);
    return message as unknown as Message<K>;
  } catch (cause) {
    if (cause instanceof GnSwapError) throw cause;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new GnSwapError('invalid-model', `not an ONNX file, or a damaged one (${detail})`, {
      remedy: 'Export or download the model again',
      cause,
    });
  }
}

function decodeRange(
  type: MessageName,
  source: ByteSource,
  span: Omit<RawSpan, 'source'>,
  depth: number,
  into?: Mutable,
): Mutable {
  const { start, end } = span;
  if (!(source instanceof MemorySource) && end - start > WINDOW) return walk(type, source, span, depth, into);
  const bytes = source.read(start, end);
  const inMemory = source instanceof MemorySource ? source : new MemorySource(bytes);
  const base = source === inMemory ? start : 0;
  const reader = protobuf.Reader.create(bytes);
  const message = readMessage(type, reader, bytes.length, { source: inMemory, base }, depth, into);
  if (into === undefined) spans.set(message, { ...span, source });
  return message;
}

/** Where a reader's position 0 is in the source that slices refer to. */
interface Origin {
  readonly source: MemorySource;
  readonly base: number;
}

function readMessage(
  type: MessageName,
  reader: Reader,
  end: number,
  origin: Origin,
  depth: number,
  into?: Mutable,
): Mutable {
  if (depth > DEPTH_LIMIT) throw new RangeError(`more than ${DEPTH_LIMIT} messages inside each other`);
  const message = into ?? begin(type);
  while (reader.pos < end) readField(type, message, reader, end, origin, depth);
  if (reader.pos !== end) throw new RangeError(`a field runs past the end of its ${type}`);
  return message;
}

function begin(type: MessageName): Mutable {
  return create(type, {}) as unknown as Mutable;
}

function readField(
  type: MessageName,
  message: Mutable,
  reader: Reader,
  end: number,
  origin: Origin,
  depth: number,
): void {
  const header = reader.pos;
  const tag = reader.tag();
  const wire = tag & 7;
  const entry = FIELDS[type][tag >>> 3];
  if (entry !== undefined && accepts(entry[1], wire)) {
    const [name, field] = entry;
    if (isMessage(field.type)) {
      const length = reader.size();
      const start = reader.pos;
      const stop = start + length;
      if (stop > end) throw new RangeError(`a ${field.type} runs past the end of its ${type}`);
      const prior = field.repeated ? undefined : message[name];
      const value = readMessage(field.type, reader, stop, origin, depth + 1, thaw(prior));
      if (prior === undefined) {
        const { source, base } = origin;
        spans.set(value, { source, header: base + header, start: base + start, end: base + stop, field: field.number });
      }
      put(message, name, field, value);
    } else {
      readScalar(message, name, field, field.type, wire, tag, reader, end, origin);
    }
    return;
  }
  if (tag >>> 3 === 0) throw new RangeError('a field has the number 0');
  reader.skipType(wire, 0, tag >>> 3);
  if (reader.pos > end) throw new RangeError(`a field runs past the end of its ${type}`);
  putUnknown(message, reader.raw(header, reader.pos));
}

/** A singular message that comes twice is merged, as the format asks; then it is no longer as decoded. */
function thaw(prior: unknown): Mutable | undefined {
  return prior === undefined ? undefined : { ...(prior as Mutable) };
}

function accepts(field: Field, wire: number): boolean {
  switch (field.type) {
    case 'float':
      return wire === FIXED32 || (field.repeated && wire === DELIMITED);
    case 'double':
      return wire === FIXED64 || (field.repeated && wire === DELIMITED);
    case 'int32':
    case 'int64':
      return wire === VARINT || (field.repeated && wire === DELIMITED);
    case 'packed float':
      return wire === FIXED32 || wire === DELIMITED;
    case 'packed double':
      return wire === FIXED64 || wire === DELIMITED;
    case 'packed int32':
    case 'packed int64':
    case 'packed uint64':
      return wire === VARINT || wire === DELIMITED;
    default:
      return wire === DELIMITED;
  }
}

function isMessage(type: Field['type']): type is MessageName {
  return type in SCHEMA;
}

function put(message: Mutable, name: string, field: Field, value: unknown): void {
  if (!field.repeated) {
    message[name] = value;
    return;
  }
  const list = message[name] as unknown[];
  if (list.length === 0) message[name] = [value];
  else list.push(value);
}

function putUnknown(message: Mutable, bytes: Uint8Array): void {
  if (message.unknownFields.length === 0) message.unknownFields = [bytes];
  else (message.unknownFields as Uint8Array[]).push(bytes);
}

function readScalar(
  message: Mutable,
  name: string,
  field: Field,
  type: Exclude<Field['type'], MessageName>,
  wire: number,
  tag: number,
  reader: Reader,
  end: number,
  origin: Origin,
): void {
  switch (type) {
    case 'string':
    case 'string?':
      put(message, name, field, readString(reader));
      return;
    case 'bytes':
      put(message, name, field, reader.bytes());
      return;
    case 'blob':
    case 'packed float':
    case 'packed double':
    case 'packed int32':
    case 'packed int64':
    case 'packed uint64': {
      const part = wire === DELIMITED ? readSlice(reader, origin) : Slice.of(readUnpacked(reader, tag, wire, end));
      const prior = type === 'blob' ? undefined : (message[name] as Slice | undefined);
      message[name] =
        prior === undefined || prior.length === 0 ? part : Slice.of(concat([prior.bytes(), part.bytes()]));
      return;
    }
    case 'float':
    case 'double':
    case 'int32':
    case 'int64': {
      if (wire !== DELIMITED) {
        put(message, name, field, readNumber(reader, type));
        return;
      }
      const stop = reader.size() + reader.pos;
      if (stop > end) throw new RangeError('a packed field runs past the end of its message');
      while (reader.pos < stop) put(message, name, field, readNumber(reader, type));
      if (reader.pos !== stop) throw new RangeError('a packed field does not end with an element');
    }
  }
}

function readNumber(reader: Reader, type: 'float' | 'double' | 'int32' | 'int64'): Int64 {
  switch (type) {
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
    case 'int32':
      return reader.int32();
    case 'int64': {
      const long = Long.fromValue(reader.int64());
      const value = long.toNumber();
      return Number.isSafeInteger(value) ? value : long.toBigInt();
    }
  }
}

function readString(reader: Reader): string {
  const start = reader.pos;
  const text = reader.string();
  // A replacement character means that the bytes were not UTF-8, or that they spell U+FFFD itself: tell them apart.
  if (text.includes('\uFFFD')) {
    reader.pos = start;
    new TextDecoder('utf-8', { fatal: true }).decode(reader.bytes());
  }
  return text;
}

function readSlice(reader: Reader, { source, base }: Origin): Slice {
  const length = reader.size();
  const start = reader.pos;
  if (start + length > reader.len) throw new RangeError('tensor data runs past the end of the file');
  reader.pos = start + length;
  return new Slice(source, base + start, base + start + length);
}

/** Elements written one by one, each with its tag, as proto2 writers may: gathers the whole run in one block. */
function readUnpacked(reader: Reader, tag: number, wire: number, end: number): Uint8Array {
  const first = reader.pos;
  let payload = 0;
  const skip = () => {
    const at = reader.pos;
    reader.skipType(wire, 0, tag >>> 3);
    payload += reader.pos - at;
  };
  const nextIsSame = () => {
    if (reader.pos >= end) return false;
    const at = reader.pos;
    if (reader.tag() === tag) return true;
    reader.pos = at;
    return false;
  };
  do skip();
  while (nextIsSame());
  const stop = reader.pos;
  const bytes = new Uint8Array(payload);
  reader.pos = first;
  for (let to = 0; ; reader.tag()) {
    const at = reader.pos;
    reader.skipType(wire, 0, tag >>> 3);
    bytes.set(reader.raw(at, reader.pos), to);
    to += reader.pos - at;
    if (reader.pos >= stop) return bytes;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Decodes a large message of a file through a window, leaving its blobs on disk. */
function walk(
  type: MessageName,
  source: ByteSource,
  span: Omit<RawSpan, 'source'>,
  depth: number,
  into?: Mutable,
): Mutable {
  if (depth > DEPTH_LIMIT) throw new RangeError(`more than ${DEPTH_LIMIT} messages inside each other`);
  const message = into ?? begin(type);
  const { end } = span;
  let at = span.start;
  let [from, to] = [at, at];
  let reader = protobuf.Reader.create(new Uint8Array(0));
  let origin: Origin = { source: new MemorySource(new Uint8Array(0)), base: 0 };
  const load = () => {
    [from, to] = [at, Math.min(at + WINDOW + LONGEST_HEADER, end)];
    const bytes = source.read(from, to);
    reader = protobuf.Reader.create(bytes);
    origin = { source: new MemorySource(bytes), base: 0 };
  };
  while (at < end) {
    if (to < end && at + LONGEST_HEADER > to) load();
    else if (to === from) load();
    reader.pos = at - from;
    const tag = reader.tag();
    const length = (tag & 7) === DELIMITED ? reader.size() : 0;
    const start = from + reader.pos;
    const stop = start + length;
    if (stop > end) throw new RangeError(`a field runs past the end of its ${type}`);
    if (stop <= to) {
      reader.pos = at - from;
      readField(type, message, reader, to - from, origin, depth);
      at = from + reader.pos;
      continue;
    }
    if (length <= WINDOW) {
      load();
      continue;
    }
    readLarge(type, message, tag, { source, header: at, start, end: stop, field: tag >>> 3 }, depth);
    at = stop;
  }
  if (into === undefined) spans.set(message, { ...span, source });
  return message;
}

/** One length-delimited field that is larger than the window. */
function readLarge(type: MessageName, message: Mutable, tag: number, span: RawSpan, depth: number): void {
  const entry = FIELDS[type][tag >>> 3];
  const { source, header, start, end } = span;
  if (entry !== undefined && isMessage(entry[1].type)) {
    const [name, field] = entry;
    const prior = field.repeated ? undefined : thaw(message[name]);
    put(message, name, field, decodeRange(entry[1].type, source, span, depth + 1, prior));
  } else if (entry !== undefined && (entry[1].type === 'blob' || entry[1].type.startsWith('packed '))) {
    message[entry[0]] = new Slice(source, start, end);
  } else {
    const bytes = source.read(header, end);
    const reader = protobuf.Reader.create(bytes);
    readField(type, message, reader, bytes.length, { source: new MemorySource(bytes), base: 0 }, depth);
  }
}
