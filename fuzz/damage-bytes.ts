/** Seeded damage to files of protocol buffers: flipped bits, cuts, and edits of single fields with all lengths put right. */
import type { Random } from '../src/inputs/random.ts';
import { DELIMITED, FIXED32, FIXED64, joinAll, tag, VARINT, varint } from '../test/onnx/support/wire.ts';

/** A field on the wire: a message where its bytes can be read as one, else bytes. */
interface WireField {
  readonly number: number;
  readonly wire: number;
  /** The value of a varint, as its bytes; the content of anything else. */
  bytes: Uint8Array;
  children: WireField[] | undefined;
}

const DEEPEST = 40;

/** Returns `undefined` for what is no message. */
function parse(bytes: Uint8Array, depth = 0): WireField[] | undefined {
  const fields: WireField[] = [];
  let at = 0;
  const number = () => {
    let [value, factor] = [0, 1];
    for (let i = 0; i < 10; i++) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value += (byte & 127) * factor;
      factor *= 128;
      if (byte < 128) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const key = number();
    if (key === undefined || key < 8 || key > 2 ** 20) return undefined;
    const wire = key % 8;
    let start = at;
    if (wire === VARINT) {
      if (number() === undefined) return undefined;
    } else if (wire === DELIMITED) {
      const length = number();
      if (length === undefined) return undefined;
      start = at;
      at += length;
    } else if (wire === FIXED32 || wire === FIXED64) {
      at += wire === FIXED32 ? 4 : 8;
    } else {
      return undefined;
    }
    if (at > bytes.length) return undefined;
    const content = bytes.subarray(start, at);
    const children =
      wire === DELIMITED && depth < DEEPEST && content.length > 1 ? parse(content, depth + 1) : undefined;
    fields.push({ number: Math.floor(key / 8), wire, bytes: content, children });
  }
  return fields;
}

function encode(fields: readonly WireField[]): Uint8Array {
  return joinAll(
    fields.flatMap(({ number, wire, bytes, children }) => {
      const content = contentOf({ bytes, children });
      return wire === DELIMITED ? [tag(number, wire), varint(content.length), content] : [tag(number, wire), content];
    }),
  );
}

function contentOf({ bytes, children }: Pick<WireField, 'bytes' | 'children'>): Uint8Array {
  return children === undefined ? bytes : encode(children);
}

/** All fields with the list that each stands in. */
function everyField(fields: WireField[]): { field: WireField; list: WireField[] }[] {
  return fields.flatMap((field) => [{ field, list: fields }, ...(field.children ? everyField(field.children) : [])]);
}

const NUMBERS = [
  0n,
  1n,
  2n,
  7n,
  127n,
  255n,
  1000n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
];

function editField(fields: WireField[], random: Random): void {
  const all = everyField(fields);
  const pick = () => all[random.integer(all.length)] as (typeof all)[number];
  const { field, list } = pick();
  const at = list.indexOf(field);
  switch (random.integer(6)) {
    case 0:
      list.splice(at, 1);
      return;
    case 1:
      list.splice(at, 0, field);
      return;
    case 2: {
      const other = pick().field;
      // Its bytes: it may be one of those around the field.
      list.splice(at, 1, { ...other, number: field.number, bytes: contentOf(other), children: undefined });
      return;
    }
    case 3:
      list.splice(at, 1, { ...field, number: 1 + random.integer(20) });
      return;
    default:
      field.children = undefined;
      if (field.wire === VARINT) {
        field.bytes = varint(NUMBERS[random.integer(NUMBERS.length)] as bigint);
      } else if (field.wire === DELIMITED && random.integer(3) > 0) {
        field.bytes = field.bytes.slice(0, random.integer(field.bytes.length + 1));
      } else {
        field.bytes = field.bytes.map((byte) => (random.integer(4) === 0 ? random.integer(256) : byte));
      }
  }
}

/** The bytes with one to four pieces of damage. */
export function damageBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let count = 1 + random.integer(4); count > 0; count--) {
    const kind = random.integer(10);
    if (kind === 0) {
      result = result.slice(0, random.integer(result.length + 1));
    } else if (kind < 3) {
      const at = random.integer(result.length);
      result[at] = (result[at] ?? 0) ^ (1 << random.integer(8));
    } else {
      const fields = parse(result);
      if (fields === undefined || fields.length === 0) continue;
      editField(fields, random);
      result = encode(fields);
    }
  }
  return result;
}
