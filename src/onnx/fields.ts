/** Values of single fields: from a protobufjs `Reader` into a message under construction. */
import Long from 'long';
import type protobuf from 'protobufjs/minimal.js';
import { type MemorySource, PiecedSource, Slice } from './bytes.ts';
import type { Mutable } from './messages.ts';
import type { Field, Int64, MessageName } from './table.ts';
import type { Texts } from './texts.ts';

type Reader = protobuf.Reader;

/** Where a reader's position 0 is in the source that slices refer to. */
export interface Origin {
  readonly source: MemorySource;
  readonly base: number;
  /** Of the whole file. */
  readonly texts: Texts;
}

const VARINT = 0;
const FIXED64 = 1;
export const DELIMITED = 2;
const FIXED32 = 5;

/** Whether a field of that type may stand under that wire type. One that may not is kept as an unknown field. */
export function accepts(field: Field, wire: number): boolean {
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
  reader: Reader,
  end: number,
  origin: Origin,
): void {
  switch (type) {
    case 'string':
    case 'string?':
      put(message, name, field, readString(reader, origin.texts));
      return;
    case 'bytes':
      put(message, name, field, reader.bytes());
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

function readString(reader: Reader, texts: Texts): string {
  const start = reader.pos;
  const end = reader.uint32() + reader.pos;
  const known = end <= reader.len ? texts.find(reader.buf, reader.pos, end) : undefined;
  if (known !== undefined) {
    reader.pos = end;
    return known;
  }
  reader.pos = start;
  const text = reader.string();
  texts.keep(text);
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

function readElement(reader: Reader, wire: number): Uint8Array {
  const start = reader.pos;
  reader.skipType(wire);
  return reader.raw(start, reader.pos);
}
