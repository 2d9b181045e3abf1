/** Values of single fields: from a {@link WireReader} into a message under construction. */
import { type MemorySource, PiecedSource, Slice } from './bytes.ts';
import type { Mutable } from './messages.ts';
import type { Repeats } from './repeats.ts';
import type { Field, Int64, MessageName } from './table.ts';
import type { Texts } from './texts.ts';
import type { WireReader } from './wire-reader.ts';

/** Where a reader's position 0 is in the source that slices refer to. */
export interface Origin {
  readonly source: MemorySource;
  readonly base: number;
  /** Of the whole file. */
  readonly texts: Texts;
  readonly repeats: Repeats;
}

const VARINT = 0;
const FIXED64 = 1;
export const DELIMITED = 2;
const FIXED32 = 5;

/** The wire types that a field may stand under, each as a bit. What comes under another is kept as an unknown field. */
export function wiresOf({ type, repeated }: Field): number {
  const packed = repeated || type.startsWith('packed ') ? 1 << DELIMITED : 0;
  switch (type) {
    case 'float':
    case 'packed float':
      return (1 << FIXED32) | packed;
    case 'double':
    case 'packed double':
      return (1 << FIXED64) | packed;
    case 'int32':
    case 'int64':
    case 'packed int32':
    case 'packed int64':
    case 'packed uint64':
      return (1 << VARINT) | packed;
    default:
      return 1 << DELIMITED;
  }
}

/** Sets a singular field, the last value winning; appends to a repeated one. */
export function put(message: Mutable, name: string, field: Field, value: unknown): void {
  if (!field.repeated) {
    message[name] = value;
    return;
  }
  const list = message[name] as unknown[];
  switch (list.length) {
    case 0:
      message[name] = [value];
      return;
    // A list that grows by push() leaves room for 16 more: most lists here stay short, and there are many.
    case 1:
      message[name] = [list[0], value];
      return;
    case 2:
      message[name] = [list[0], list[1], value];
      return;
    case 3:
      message[name] = [list[0], list[1], list[2], value];
      return;
    // The inputs of BatchNormalization.
    case 4:
      message[name] = [list[0], list[1], list[2], list[3], value];
      return;
    default:
      list.push(value);
  }
}

/** Keeps tag and value of a field that the schema does not know. */
export function putUnknown(message: Mutable, bytes: Uint8Array): void {
  if (message.unknownFields.length === 0) message.unknownFields = [bytes];
  else (message.unknownFields as Uint8Array[]).push(bytes);
}

/** Puts a piece of a packed field behind those that came before it, as the format asks. */
export function putPacked(message: Mutable, name: string, piece: Slice): void {
  const prior = message[name] as Slice | undefined;
  if (prior === undefined || prior.length === 0) {
    message[name] = piece;
    return;
  }
  let all = prior.source;
  if (!(all instanceof PiecedSource)) {
    all = new PiecedSource();
    (all as PiecedSource).append(prior.bytes());
  }
  (all as PiecedSource).append(piece.bytes());
  message[name] = new Slice(all, 0, all.size);
}

/**
 * Reads one field that is no message.
 *
 * @param reader behind the field's tag
 * @param end of the message that the field stands in
 */
export function readScalar(
  message: Mutable,
  name: string,
  field: Field,
  type: Exclude<Field['type'], MessageName>,
  wire: number,
  reader: WireReader,
  end: number,
  origin: Origin,
): void {
  switch (type) {
    case 'string':
    case 'string?':
      put(message, name, field, readString(reader, origin.texts));
      return;
    case 'int64':
    case 'int32':
    case 'float':
    case 'double': {
      if (wire !== DELIMITED) {
        put(message, name, field, readNumber(reader, type));
        return;
      }
      const stop = reader.size() + reader.pos;
      if (stop > end) throw new RangeError('a packed field runs past the end of its message');
      while (reader.pos < stop) put(message, name, field, readNumber(reader, type));
      if (reader.pos !== stop) throw new RangeError('a packed field does not end with an element');
      return;
    }
    case 'bytes':
      put(message, name, field, reader.payload());
      return;
    case 'blob':
      message[name] = readSlice(reader, origin);
      return;
    case 'packed float':
    case 'packed double':
    case 'packed int32':
    case 'packed int64':
    case 'packed uint64': {
      // Elements may also come one by one, each with its tag. Their payload is the same.
      const isPacked = wire === DELIMITED;
      putPacked(message, name, isPacked ? readSlice(reader, origin) : Slice.of(readElement(reader, wire)));
      return;
    }
  }
}

function readNumber(reader: WireReader, type: 'float' | 'double' | 'int32' | 'int64'): Int64 {
  switch (type) {
    case 'int64':
      return reader.int64();
    case 'int32':
      return reader.int32();
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
  }
}

function readString(reader: WireReader, texts: Texts): string {
  const length = reader.size();
  const start = reader.pos;
  const end = start + length;
  const known = end <= reader.bytes.length ? texts.find(reader.bytes, start, end) : undefined;
  if (known !== undefined) {
    reader.pos = end;
    return known;
  }
  const text = reader.text(length);
  texts.keep(text);
  // A replacement character means that the bytes were not UTF-8, or that they spell U+FFFD itself: tell them apart.
  if (text.includes('\uFFFD')) new TextDecoder('utf-8', { fatal: true }).decode(reader.bytes.subarray(start, end));
  return text;
}

function readSlice(reader: WireReader, { source, base }: Origin): Slice {
  const length = reader.size();
  const start = reader.pos;
  if (start + length > reader.bytes.length) throw new RangeError('tensor data runs past the end of the file');
  reader.pos = start + length;
  return new Slice(source, base + start, base + start + length);
}

function readElement(reader: WireReader, wire: number): Uint8Array {
  const start = reader.pos;
  reader.skip(wire);
  return reader.bytes.subarray(start, reader.pos);
}
