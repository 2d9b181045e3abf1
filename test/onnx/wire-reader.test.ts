import { expect } from 'chai';
import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { WireReader } from '../../src/onnx/wire-reader.ts';
import { WireWriter } from '../../src/onnx/wire-writer.ts';

const peer = () => protobuf.Writer.create();

/** What a method reads of the bytes and how far it goes; the error's class if it throws. */
function read(bytes: Uint8Array, method: (reader: WireReader) => unknown): unknown {
  const reader = new WireReader(bytes);
  try {
    return [method(reader), reader.pos];
  } catch (error) {
    return (error as Error).constructor.name;
  }
}

/** The same of protobufjs, whose errors have several classes. */
function readByPeer(bytes: Uint8Array, method: (reader: protobuf.Reader) => unknown): unknown {
  const reader = protobuf.Reader.create(bytes);
  try {
    return [method(reader), reader.pos];
  } catch {
    return 'RangeError';
  }
}

/** Bytes as damaged files have them: many that say that another follows. */
const bytes = fc
  .array(fc.oneof(fc.nat(255), fc.constantFrom(0x80, 0xff, 0x00, 0x0f, 0x10, 0x07, 0x08)), { maxLength: 14 })
  .map((list) => Uint8Array.from(list));

describe('onnx/wire-reader', () => {
  it('reads of any bytes what protobufjs reads, and refuses what it refuses', () => {
    fc.assert(
      fc.property(bytes, (it) => {
        expect(read(it, (reader) => reader.tag())).to.deep.equal(readByPeer(it, (reader) => reader.tag()));
        expect(read(it, (reader) => reader.size())).to.deep.equal(
          readByPeer(it, (reader) => (reader as protobuf.Reader & { size(): number }).size()),
        );
        expect(read(it, (reader) => reader.int32())).to.deep.equal(readByPeer(it, (reader) => reader.int32()));
        expect(read(it, (reader) => `${reader.int64()}`)).to.deep.equal(
          readByPeer(it, (reader) => `${reader.int64()}`),
        );
        expect(read(it, (reader) => reader.float())).to.deep.equal(readByPeer(it, (reader) => reader.float()));
        expect(read(it, (reader) => reader.double())).to.deep.equal(readByPeer(it, (reader) => reader.double()));
        for (const wire of [0, 1, 2, 4, 5, 6, 7]) {
          const [own, its] = [
            read(it, (reader) => reader.skip(wire)),
            readByPeer(it, (reader) => void reader.skipType(wire)),
          ];
          expect(own, `wire type ${wire}`).to.deep.equal(its);
        }
      }),
      { seed: 1, numRuns: 5000 },
    );
  });

  it('reads integers of 64 bits as numbers where those are exact, else as bigints', () => {
    const int64 = (value: bigint) => {
      const out = new WireWriter(10);
      out.integer(value);
      return new WireReader(out.take()).int64();
    };
    expect(int64(2n ** 53n - 1n)).to.equal(Number.MAX_SAFE_INTEGER);
    expect(int64(1n - 2n ** 53n)).to.equal(Number.MIN_SAFE_INTEGER);
    expect(int64(2n ** 53n + 1n)).to.equal(2n ** 53n + 1n);
    expect(int64(-(2n ** 53n) - 1n)).to.equal(-(2n ** 53n) - 1n);
    expect(int64(-(2n ** 63n))).to.equal(-(2n ** 63n));
    expect(int64(2n ** 63n - 1n)).to.equal(2n ** 63n - 1n);
    expect(int64(-1n)).to.equal(-1);
    expect(int64(300n)).to.equal(300);
  });

  it('gives both halves of an integer, which unsigned ones of 64 bits need', () => {
    // 2⁶⁴ − 2.
    const reader = new WireReader(Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01));
    reader.long();
    expect([reader.high, reader.low]).to.deep.equal([2 ** 32 - 1, 2 ** 32 - 2]);
  });

  it('reads one value behind another, and bytes as views', () => {
    const all = peer()
      .uint32(10)
      .bytes(Uint8Array.of(1, 2, 3))
      .float(1.5)
      .double(-0.1)
      .int64(-7)
      .finish();
    const reader = new WireReader(all);
    expect(reader.tag()).to.equal(10);
    const payload = reader.payload();
    expect([...payload]).to.deep.equal([1, 2, 3]);
    expect(payload.buffer).to.equal(all.buffer);
    expect([reader.float(), reader.double(), reader.int64()]).to.deep.equal([1.5, -0.1, -7]);
    expect(reader.pos).to.equal(all.length);
    expect(() => reader.payload()).to.throw(RangeError);
  });

  it('reads texts in UTF-8 from within a larger block, a byte order mark included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        const encoded = new TextEncoder().encode(`<\ufeff${text}>`);
        const block = new Uint8Array(encoded.length + 9);
        block.set(encoded, 5);
        const reader = new WireReader(block.subarray(5, 5 + encoded.length));
        expect(reader.text(encoded.length)).to.equal(`<\ufeff${text}>`);
        expect(() => reader.text(1)).to.throw(RangeError);
      }),
      { seed: 1, numRuns: 300 },
    );
    expect(new WireReader(Uint8Array.of(0x61, 0xff, 0x62)).text(3)).to.equal('a\ufffdb');
  });
});
