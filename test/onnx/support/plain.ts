/**
 * Messages as plain data, to compare across decoders: integers of 64 bits are decimal text, bytes are base64, packed fields
 * are lists, and what is absent is absent. It is the form that `onnx-proto` reads and writes as objects.
 */
import fc from 'fast-check';
import onnxProto from 'onnx-proto';
import { Slice } from '../../../src/onnx/bytes.ts';
import { type Field, type Message, type MessageName, SCHEMA } from '../../../src/onnx/schema.ts';
import { DELIMITED, delimited, FIXED32, FIXED64, float32, float64, join, tag, VARINT, varint } from './wire.ts';

export type PlainValue = number | string | Plain | PlainValue[];
export interface Plain {
  [name: string]: PlainValue;
}

export function fieldsOf(type: MessageName): Record<string, Field> {
  return SCHEMA[type] as Record<string, Field>;
}

function isMessageName(type: Field['type']): type is MessageName {
  return type in SCHEMA;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

/** A decoded message as plain data. */
export function plain<K extends MessageName>(type: K, message: Message<K>): Plain {
  const result: Plain = {};
  for (const [name, value] of Object.entries(message) as [string, unknown][]) {
    const field = fieldsOf(type)[name];
    const isAbsent = value === undefined || (value === '' && field?.type === 'string');
    if (field === undefined || isAbsent || (Array.isArray(value) && value.length === 0)) continue;
    const content = plainField(field, value);
    if (content !== undefined) result[name] = content;
  }
  return result;
}

function plainField({ type, repeated }: Field, value: unknown): PlainValue | undefined {
  if (type.startsWith('packed ')) {
    const list = unpack(type, (value as Slice).bytes());
    return list.length === 0 ? undefined : list;
  }
  return repeated ? (value as unknown[]).map((it) => plainOne(type, it)) : plainOne(type, value);
}

function plainOne(type: Field['type'], value: unknown): PlainValue {
  if (isMessageName(type)) return plain(type, value as Message<typeof type>);
  if (value instanceof Slice) return base64(value.bytes());
  if (value instanceof Uint8Array) return base64(value);
  // A made message may hold more digits than its float32 on the wire.
  if (type === 'float') return Math.fround(value as number);
  return type === 'int64' ? String(value) : (value as number | string);
}

function unpack(type: Field['type'], bytes: Uint8Array): PlainValue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const list: PlainValue[] = [];
  if (type === 'packed float') for (let at = 0; at < bytes.length; at += 4) list.push(view.getFloat32(at, true));
  else if (type === 'packed double') for (let at = 0; at < bytes.length; at += 8) list.push(view.getFloat64(at, true));
  else {
    let [value, shift] = [0n, 0n];
    for (const byte of bytes) {
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) {
        if (type === 'packed int32') list.push(Number(BigInt.asIntN(32, value)));
        else list.push(String(type === 'packed int64' ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)));
        [value, shift] = [0n, 0n];
      }
    }
  }
  return list;
}

/** Which fields to use. */
export type Has = (type: MessageName, name: string) => boolean;

/** A message of the given type with some of its fields; below `depth` levels no messages stand in it. */
export function arbitraryPlain(type: MessageName, depth: number, has: Has): fc.Arbitrary<Plain> {
  const fields: Record<string, fc.Arbitrary<PlainValue>> = {};
  for (const [name, field] of Object.entries(fieldsOf(type))) {
    if (!has(type, name) || (isMessageName(field.type) && depth === 0)) continue;
    const one = isMessageName(field.type) ? arbitraryPlain(field.type, depth - 1, has) : scalar(name, field.type);
    const isList = field.repeated || field.type.startsWith('packed ');
    fields[name] = isList ? fc.array<PlainValue>(one, { minLength: 1, maxLength: 3 }) : one;
  }
  return fc.record(fields, { requiredKeys: [] }).map((it) => Object.fromEntries(Object.entries(it)) as Plain);
}

function scalar(name: string, type: Exclude<Field['type'], MessageName>): fc.Arbitrary<PlainValue> {
  // Enumerations, of which onnx-proto takes only the values that it knows.
  if (name === 'dataLocation') return fc.nat({ max: 1 });
  if (name === 'type') return fc.nat({ max: 12 });
  switch (type) {
    case 'float':
    case 'packed float':
      return fc.float();
    case 'double':
    case 'packed double':
      return fc.double();
    case 'int32':
    case 'packed int32':
      return fc.integer();
    case 'int64':
    case 'packed int64':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    case 'packed uint64':
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
    case 'string':
      return fc.string({ unit: 'grapheme', minLength: 1 });
    case 'string?':
      return fc.string({ unit: 'grapheme' });
    case 'bytes':
    case 'blob':
      return fc.uint8Array({ maxLength: 20 }).map(base64);
  }
}

/** Picks a number below `count`: how {@link writeLoosely} decides what the format leaves open. */
export type Choose = (count: number) => number;

/**
 * Plain data on the wire, with every freedom that the format leaves to writers: fields in any order, numbers packed or not,
 * packed lists and messages in pieces, fields that nobody knows in between.
 */
export function writeLoosely(type: MessageName, message: Plain, choose: Choose): Uint8Array {
  // The pieces of one field keep their order; the fields are shuffled into one another.
  const queues: Uint8Array[][] = [[delimited(1000 + choose(9), 'unknown'), join(tag(999, FIXED32), float32(1))]];
  for (const [name, value] of Object.entries(message)) {
    const field = fieldsOf(type)[name] as Field;
    const isList = field.repeated || field.type.startsWith('packed ');
    queues.push(writeField(field, isList ? (value as PlainValue[]) : [value], choose));
  }
  const pieces: Uint8Array[] = [];
  for (let left = queues.filter((it) => it.length > 0); left.length > 0; left = left.filter((it) => it.length > 0)) {
    const next = left[choose(left.length)]?.shift();
    if (next !== undefined) pieces.push(next);
  }
  return join(...pieces);
}

function writeField({ number, type, repeated }: Field, values: PlainValue[], choose: Choose): Uint8Array[] {
  if (isMessageName(type)) {
    return values.flatMap((value) => {
      const whole = value as Plain;
      if (repeated || choose(2) === 0) return [delimited(number, writeLoosely(type, whole, choose))];
      // A singular message in two: the fields of one and of the other, to be merged.
      const entries = Object.entries(whole);
      const cut = choose(entries.length + 1);
      return [entries.slice(0, cut), entries.slice(cut)].map((half) =>
        delimited(number, writeLoosely(type, Object.fromEntries(half), choose)),
      );
    });
  }
  const [wire, elements] = [wireOf(type), values.map((value) => element(type, value))];
  const single = (bytes: Uint8Array) =>
    wire === DELIMITED ? delimited(number, bytes) : join(tag(number, wire), bytes);
  const canPack = wire !== DELIMITED && (repeated || type.startsWith('packed '));
  if (!canPack || choose(3) === 0) return elements.map(single);
  const cut = choose(elements.length + 1);
  return [elements.slice(0, cut), elements.slice(cut)].map((part) => delimited(number, join(...part)));
}

function wireOf(type: Field['type']): number {
  if (type.endsWith('float')) return FIXED32;
  if (type.endsWith('double')) return FIXED64;
  return /int(32|64)$/.test(type) ? VARINT : DELIMITED;
}

function element(type: Field['type'], value: PlainValue): Uint8Array {
  if (type.endsWith('float')) return float32(Number(value));
  if (type.endsWith('double')) return float64(Number(value));
  if (/int(32|64)$/.test(type)) return varint(BigInt(value as string | number));
  return type === 'bytes' || type === 'blob' ? Buffer.from(String(value), 'base64') : Buffer.from(String(value));
}

/** The same message, no part of which is as it was decoded: the encoder has to write it anew. */
export function touch<T extends object>(message: T): T {
  return { ...message, ...Object.fromEntries(Object.entries(message).map(([name, it]) => [name, touchValue(it)])) };
}

function touchValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(touchValue);
  const isMessage = typeof value === 'object' && value !== null && 'unknownFields' in value;
  return isMessage ? touch(value) : value;
}

interface Codec {
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  fromObject(object: { [name: string]: unknown }): object;
  toObject(message: object, options: { longs: typeof String; bytes: typeof String }): { [name: string]: unknown };
  readonly prototype: object;
}

/** The messages that onnx-proto (ONNX 1.10, IR 8) knows. */
const { onnx } = onnxProto;
const { TypeProto, TensorProto, TensorShapeProto } = onnx;
export const PEERS: { readonly [K in MessageName]?: Codec } = {
  ModelProto: onnx.ModelProto,
  GraphProto: onnx.GraphProto,
  NodeProto: onnx.NodeProto,
  AttributeProto: onnx.AttributeProto,
  TensorProto,
  TensorSegment: TensorProto.Segment,
  SparseTensorProto: onnx.SparseTensorProto,
  ValueInfoProto: onnx.ValueInfoProto,
  TypeProto,
  TensorType: TypeProto.Tensor,
  SequenceType: TypeProto.Sequence,
  MapType: TypeProto.Map,
  TensorShapeProto,
  Dimension: TensorShapeProto.Dimension,
  FunctionProto: onnx.FunctionProto,
  OperatorSetIdProto: onnx.OperatorSetIdProto,
  StringStringEntryProto: onnx.StringStringEntryProto,
  TensorAnnotation: onnx.TensorAnnotation,
  TrainingInfoProto: onnx.TrainingInfoProto,
};

/** Whether onnx-proto knows a field. */
export function peerHas(type: MessageName, name: string): boolean {
  const peer = PEERS[type];
  return peer !== undefined && name in peer.prototype;
}

/** Plain data as onnx-proto writes it. */
export function peerEncode(type: MessageName, message: Plain): Uint8Array {
  const peer = PEERS[type] as Codec;
  return Uint8Array.from(peer.encode(peer.fromObject(message)).finish());
}

/** Bytes as onnx-proto reads them; empty text is absent, as here. */
export function peerDecode(type: MessageName, bytes: Uint8Array): Plain {
  const peer = PEERS[type] as Codec;
  return withoutEmptyText(type, peer.toObject(peer.decode(bytes), { longs: String, bytes: String }));
}

function withoutEmptyText(type: MessageName, message: { [name: string]: unknown }): Plain {
  const result: Plain = {};
  for (const [name, value] of Object.entries(message)) {
    const of = (fieldsOf(type)[name] as Field).type;
    if (of === 'string' && value === '') continue;
    const one = (it: unknown) => (isMessageName(of) ? withoutEmptyText(of, it as Plain) : (it as PlainValue));
    result[name] = Array.isArray(value) ? value.map(one) : one(value);
  }
  return result;
}
