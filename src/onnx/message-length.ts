/** How many bytes messages take in wire format, told without writing them. */
import { Slice } from './bytes.ts';
import { type Entry, type Fields, fieldsOf, isAbsent } from './encode-small.ts';
import { rawSpanOf } from './messages.ts';
import type { Int64, MessageName } from './table.ts';
import { varintSize } from './wire-writer.ts';

/** Of a message in a field, with its tag and length. */
export function messageLength({ number, tag }: Entry, type: MessageName, message: object): number {
  const span = rawSpanOf(message);
  if (span !== undefined && span.field === number) return span.end - span.header;
  const content = span === undefined ? contentLength(type, message as Fields) : span.end - span.start;
  return varintSize(tag) + varintSize(content) + content;
}

function contentLength(type: MessageName, message: Fields): number {
  const fields = fieldsOf(type);
  let length = 0;
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] as Entry;
    const value = message[field.name];
    if (isAbsent(field, value)) continue;
    if (!field.repeated) {
      length += lengthOfOne(field, value);
      continue;
    }
    const list = value as readonly unknown[];
    for (let index = 0; index < list.length; index++) length += lengthOfOne(field, list[index]);
  }
  for (const unknown of message.unknownFields as readonly Uint8Array[]) length += unknown.length;
  return length;
}

function lengthOfOne(field: Entry, value: unknown): number {
  const { inner, tag } = field;
  return inner === undefined
    ? varintSize(tag) + scalarLength(field, value)
    : messageLength(field, inner, value as object);
}

function scalarLength({ type }: Entry, value: unknown): number {
  switch (type) {
    case 'string':
    case 'string?':
      return withLength(textLength(value as string));
    case 'int32':
    case 'int64':
      return integerLength(value as Int64);
    case 'float':
      return 4;
    case 'double':
      return 8;
    default:
      return withLength(value instanceof Slice ? value.length : (value as Uint8Array).length);
  }
}

function withLength(length: number): number {
  return varintSize(length) + length;
}

/** A negative number takes ten bytes, as the format asks. */
function integerLength(value: Int64): number {
  if (value < 0) return 10;
  if (typeof value === 'number') return varintSize(value);
  let length = 1;
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) length++;
  return length;
}

/** In UTF-8; half of a pair alone is written as U+FFFD. */
function textLength(text: string): number {
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) {
      length++;
    } else if ((text.codePointAt(index) as number) < 0x10000) {
      length += 2;
    } else {
      // Four bytes for two units.
      length += 2;
      index++;
    }
  }
  return length;
}
