/** Small messages → bytes, each in one piece; and what is asked of a field for every message. */
import { holdsMore } from './attributes.ts';
import { Slice } from './bytes.ts';
import { rawSpanOf } from './messages.ts';
import {
  type AttributeProto,
  type Field,
  type Int64,
  type Message,
  type MessageName,
  type NodeProto,
  SCHEMA,
} from './table.ts';
import type { WireWriter } from './wire-writer.ts';

const DELIMITED = 2;
const WIRES: Readonly<Record<string, number>> = { float: 5, double: 1, int32: 0, int64: 0 };
/** Bytes from this size on are parts of their own; fewer are cheaper to copy than to keep apart. */
export const OWN_PART = 4096;
/** What holds everything else. Written message by message however small: its content may come to any size. */
const CONTAINERS: ReadonlySet<MessageName> = new Set([
  'ModelProto',
  'GraphProto',
  'FunctionProto',
  'TrainingInfoProto',
]);

/** A field with what is asked of it for each message. */
export interface Entry extends Field {
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

/** The fields of each message that may hold many bytes. */
const LARGE_FIELDS: Readonly<Record<string, readonly Entry[]>> = Object.fromEntries(
  Object.entries(FIELDS).map(([message, fields]) => [message, fields.filter(({ mayBeLarge }) => mayBeLarge)]),
);

/** What nearly all nodes have, and nothing else. */
export const PLAIN = {
  input: nodeField('input'),
  output: nodeField('output'),
  name: nodeField('name'),
  opType: nodeField('opType'),
  attribute: nodeField('attribute'),
};

function nodeField(name: keyof NodeProto): Entry {
  return (FIELDS.NodeProto as readonly Entry[]).find((it) => it.name === name) as Entry;
}

/** Gives the fields of a message, in the order of the table. */
export function fieldsOf(type: MessageName): readonly Entry[] {
  return FIELDS[type] as readonly Entry[];
}

function entryOf([name, { number, type, repeated }]: [string, Field]): Entry {
  const inner = type in SCHEMA ? (type as MessageName) : undefined;
  const wire = WIRES[type] ?? DELIMITED;
  const mayBeLarge = inner !== undefined || type === 'blob' || type.startsWith('packed ');
  return { name, number, type, repeated, tag: ((number << 3) | wire) >>> 0, inner, mayBeLarge };
}

export type Fields = Readonly<Record<string, unknown>>;

/** Says whether a field has nothing to write. */
export function isAbsent({ type, repeated }: Field, value: unknown): boolean {
  return repeated
    ? (value as readonly unknown[]).length === 0
    : value === undefined || (type === 'string' && value === '');
}

/** Whether a value that is no message should be a part of its own. */
export function isLarge(value: unknown): boolean {
  return (value instanceof Slice || typeof value === 'string') && value.length >= OWN_PART;
}

/** Whether a message has few bytes and no slice that should stay one. */
export function isSmall(type: MessageName, message: object): boolean {
  if (CONTAINERS.has(type)) return false;
  if (type === 'NodeProto' && holdsLittle(message as NodeProto)) return true;
  const span = rawSpanOf(message);
  if (span !== undefined) return span.end - span.header < OWN_PART;
  if (type === 'StringStringEntryProto') return (message as Message<typeof type>).value.length < OWN_PART;
  const fields = LARGE_FIELDS[type] as readonly Entry[];
  for (let at = 0; at < fields.length; at++) {
    const { name, inner, repeated } = fields[at] as Entry;
    const value = (message as Fields)[name];
    if (value === undefined) continue;
    if (value instanceof Slice) {
      if (value.length >= OWN_PART) return false;
    } else if (inner !== undefined) {
      // Most lists are empty, so that none is made of a single value.
      if (!repeated) {
        if (!isSmall(inner, value as object)) return false;
      } else {
        const list = value as readonly object[];
        for (let index = 0; index < list.length; index++) if (!isSmall(inner, list[index] as object)) return false;
      }
    }
  }
  return true;
}

/** Whether a node holds nothing that may come to many bytes, as most do: told without a look at the table, which takes longer than to write it. */
function holdsLittle({ attribute, metadataProps, deviceConfigurations, docString }: NodeProto): boolean {
  if (metadataProps.length + deviceConfigurations.length > 0 || docString.length >= OWN_PART) return false;
  for (let index = 0; index < attribute.length; index++) {
    const it = attribute[index] as AttributeProto;
    const bytes = 8 * (it.floats.length + it.ints.length) + (it.s?.length ?? 0) + it.docString.length;
    const others = it.strings.length + it.typeProtos.length;
    if (bytes >= OWN_PART || others > 0 || it.tp !== undefined || holdsMore(it)) return false;
  }
  return true;
}

/** Writes a small message, with its tag and length. */
export function writeMessage({ number, tag }: Entry, type: MessageName, message: Fields, out: WireWriter): void {
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
  if (type === 'NodeProto' && isPlain(message as object as NodeProto)) writePlain(message as object as NodeProto, out);
  else writeFields(type, message, out);
  out.end(start);
}

/** A node of nothing but what most have: of a large graph that was rewritten there are some 100,000, and nearly all are. */
export function isPlain({
  docString,
  domain,
  overload,
  metadataProps,
  deviceConfigurations,
  unknownFields,
}: NodeProto): boolean {
  const texts = docString.length + domain.length + overload.length;
  return texts + metadataProps.length + deviceConfigurations.length + unknownFields.length === 0;
}

/** Writes what {@link writeFields} would, without a look at the table for each field. */
function writePlain({ input, output, name, opType, attribute }: NodeProto, out: WireWriter): void {
  for (let index = 0; index < input.length; index++) {
    out.varint(PLAIN.input.tag);
    out.string(input[index] as string);
  }
  for (let index = 0; index < output.length; index++) {
    out.varint(PLAIN.output.tag);
    out.string(output[index] as string);
  }
  if (name !== '') {
    out.varint(PLAIN.name.tag);
    out.string(name);
  }
  if (opType !== '') {
    out.varint(PLAIN.opType.tag);
    out.string(opType);
  }
  for (let index = 0; index < attribute.length; index++) {
    writeMessage(PLAIN.attribute, 'AttributeProto', attribute[index] as object as Fields, out);
  }
}

function writeFields(type: MessageName, message: Fields, out: WireWriter): void {
  const fields = fieldsOf(type);
  for (let at = 0; at < fields.length; at++) {
    const field = fields[at] as Entry;
    const value = message[field.name];
    if (isAbsent(field, value)) continue;
    if (!field.repeated) {
      writeOne(field, value, out);
      continue;
    }
    const list = value as readonly unknown[];
    for (let index = 0; index < list.length; index++) writeOne(field, list[index], out);
  }
  const unknown = message.unknownFields as readonly Uint8Array[];
  for (let index = 0; index < unknown.length; index++) out.raw(unknown[index] as Uint8Array);
}

function writeOne(field: Entry, value: unknown, out: WireWriter): void {
  if (field.inner === undefined) writeScalar(field, value, out);
  else writeMessage(field, field.inner, value as Fields, out);
}

export function writeScalar({ tag, type }: Entry, value: unknown, out: WireWriter): void {
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
