import { expect } from 'chai';
import { MemorySource, Slice } from '../../src/onnx/bytes.ts';
import { put, putPacked, putUnknown, readScalar, wiresOf } from '../../src/onnx/fields.ts';
import type { Mutable } from '../../src/onnx/messages.ts';
import { Repeats } from '../../src/onnx/repeats.ts';
import { type Field, SCHEMA } from '../../src/onnx/schema.ts';
import { Texts } from '../../src/onnx/texts.ts';
import { WireReader } from '../../src/onnx/wire-reader.ts';
import { delimited, float32, join, varint } from './support/wire.ts';

const [VARINT, FIXED64, DELIMITED, FIXED32] = [0, 1, 2, 5] as const;

/** What `readScalar` makes of the bytes behind a tag. */
function read(
  field: Field,
  wire: number,
  bytes: Uint8Array,
  message: Mutable = { it: [], unknownFields: [] },
): unknown {
  const origin = { source: new MemorySource(bytes), base: 0, texts: new Texts(), repeats: new Repeats() };
  const type = field.type as Parameters<typeof readScalar>[3];
  readScalar(message, 'it', field, type, wire, new WireReader(bytes), bytes.length, origin);
  return message.it;
}

describe('onnx/fields', () => {
  it('accepts each type under its own wire type, and repeated numbers packed', () => {
    const { name, i, f, ints, floats, t } = SCHEMA.AttributeProto;
    const { floatData, int64Data, rawData, doubleData } = SCHEMA.TensorProto;
    const wires = (field: Field) =>
      [VARINT, FIXED64, DELIMITED, FIXED32].filter((wire) => (wiresOf(field) >> wire) & 1);
    expect(wires(name)).to.deep.equal([DELIMITED]);
    expect(wires(t)).to.deep.equal([DELIMITED]);
    expect(wires(rawData)).to.deep.equal([DELIMITED]);
    expect(wires(i)).to.deep.equal([VARINT]);
    expect(wires(f)).to.deep.equal([FIXED32]);
    expect(wires(ints)).to.deep.equal([VARINT, DELIMITED]);
    expect(wires(floats)).to.deep.equal([DELIMITED, FIXED32]);
    expect(wires(int64Data)).to.deep.equal([VARINT, DELIMITED]);
    expect(wires(floatData)).to.deep.equal([DELIMITED, FIXED32]);
    expect(wires(doubleData)).to.deep.equal([FIXED64, DELIMITED]);
  });

  it('put sets singular fields, the last winning, and appends to repeated ones', () => {
    const message: Mutable = { name: '', ints: Object.freeze([]), unknownFields: [] };
    put(message, 'name', SCHEMA.AttributeProto.name, 'a');
    put(message, 'name', SCHEMA.AttributeProto.name, 'b');
    for (const n of [1, 2, 3, 4, 5, 6]) put(message, 'ints', SCHEMA.AttributeProto.ints, n);
    expect(message).to.deep.equal({ name: 'b', ints: [1, 2, 3, 4, 5, 6], unknownFields: [] });
  });

  it('putUnknown keeps fields in the order they came in', () => {
    const message: Mutable = { unknownFields: Object.freeze([]) as readonly never[] };
    putUnknown(message, Uint8Array.of(1));
    putUnknown(message, Uint8Array.of(2));
    expect(message.unknownFields).to.deep.equal([Uint8Array.of(1), Uint8Array.of(2)]);
  });

  it('putPacked keeps one piece as the view it is, and joins several', () => {
    const message: Mutable = { unknownFields: [] };
    const first = Slice.of(Uint8Array.of(1, 2));
    putPacked(message, 'list', first);
    expect(message.list).to.equal(first);
    putPacked(message, 'list', Slice.of(Uint8Array.of(3)));
    putPacked(message, 'list', Slice.of(Uint8Array.of(4, 5)));
    expect([...(message.list as Slice).bytes()]).to.deep.equal([1, 2, 3, 4, 5]);
    expect([...first.bytes()]).to.deep.equal([1, 2]);
  });

  it('reads 64-bit integers exactly: numbers where they are safe, else bigints', () => {
    const { i } = SCHEMA.AttributeProto;
    const value = (of: bigint) => read(i, VARINT, varint(of));
    expect(value(0n)).to.equal(0);
    expect(value(-1n)).to.equal(-1);
    expect(value(2n ** 53n - 1n)).to.equal(Number.MAX_SAFE_INTEGER);
    expect(value(1n - 2n ** 53n)).to.equal(Number.MIN_SAFE_INTEGER);
    expect(value(2n ** 53n)).to.equal(2n ** 53n);
    expect(value(2n ** 53n + 1n)).to.equal(2n ** 53n + 1n);
    expect(value(2n ** 63n - 1n)).to.equal(2n ** 63n - 1n);
    expect(value(-(2n ** 63n))).to.equal(-(2n ** 63n));
  });

  it('reads lists that are packed, and one element of those that are not', () => {
    const { ints, floats } = SCHEMA.AttributeProto;
    const packed = join(...[1, -2, 300].map(varint));
    expect(read(ints, DELIMITED, join(varint(packed.length), packed))).to.deep.equal([1, -2, 300]);
    expect(read(ints, VARINT, varint(7))).to.deep.equal([7]);
    expect(read(floats, FIXED32, float32(1.5))).to.deep.equal([1.5]);
    expect(read(floats, DELIMITED, Uint8Array.of(0))).to.deep.equal([]);
  });

  it('refuses packed lists that end within an element or run past their message', () => {
    const { ints, floats } = SCHEMA.AttributeProto;
    expect(() => read(floats, DELIMITED, join(varint(3), float32(1)))).to.throw(RangeError, 'does not end');
    expect(() => read(ints, DELIMITED, join(varint(9), varint(1)))).to.throw(RangeError, 'past the end');
  });

  it('refuses text that is not UTF-8, and takes U+FFFD itself', () => {
    const { name } = SCHEMA.AttributeProto;
    const text = (bytes: Uint8Array) => read(name, DELIMITED, delimited(1, bytes).subarray(1));
    const good = 'größe 层 \uFFFD \u{1F600} \uFEFFx';
    expect(text(new TextEncoder().encode(good))).to.equal(good);
    // A byte alone that only continues; two bytes cut to one; an overlong slash; half of a surrogate pair.
    for (const bad of [[0x80], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80]]) {
      expect(() => text(Uint8Array.from(bad)), `${bad}`).to.throw(TypeError);
    }
  });
});
