import { expect } from 'chai';
import fc from 'fast-check';
import protobuf from 'protobufjs/minimal.js';
import { varintSize, WireWriter } from '../../src/onnx/wire-writer.ts';

/** What is written into a block that must grow for nearly everything. */
function bytesOf(write: (out: WireWriter) => void): Uint8Array {
  const out = new WireWriter(1);
  write(out);
  const { length } = out;
  const bytes = out.take();
  expect(bytes.length).to.equal(length);
  return bytes;
}

const peer = () => protobuf.Writer.create();

describe('onnx/wire-writer', () => {
  it('varints are those of protobufjs, up to 32 bits, and of its 64-bit ones beyond', () => {
    for (const value of [0, 1, 127, 128, 300, 16383, 16384, 2 ** 21, 2 ** 28 - 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
      expect(bytesOf((out) => out.varint(value))).to.deep.equal(Uint8Array.from(peer().uint32(value).finish()));
    }
    for (const value of [2 ** 32, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER]) {
      expect(bytesOf((out) => out.varint(value))).to.deep.equal(Uint8Array.from(peer().uint64(value).finish()));
    }
  });

  it('integers are those of protobufjs, negative and large ones too', () => {
    const values = [0, -0, 1, -1, -128, 2 ** 40, -(2 ** 40), Number.MIN_SAFE_INTEGER];
    for (const value of values) {
      expect(
        bytesOf((out) => out.integer(value)),
        `${value}`,
      ).to.deep.equal(Uint8Array.from(peer().int64(value).finish()));
    }
    const reader = protobuf.Reader.create(bytesOf((out) => out.integer(-(2n ** 63n))));
    expect(reader.int64().toString()).to.equal('-9223372036854775808');
    expect(bytesOf((out) => out.integer(2n ** 63n - 1n)).length).to.equal(9);
  });

  it('texts are UTF-8 with their length, however long they are and whatever is in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const bytes = new TextEncoder().encode(text);
        const expected = Uint8Array.from(peer().bytes(bytes).finish());
        expect(bytesOf((out) => out.string(text))).to.deep.equal(expected);
      }),
      { seed: 1, numRuns: 500 },
    );
    for (const length of [127, 128, 16383, 16384, 2_100_000]) {
      const written = bytesOf((out) => out.string('é'.repeat(length)));
      expect(protobuf.Reader.create(written).string()).to.equal('é'.repeat(length));
    }
    expect(bytesOf((out) => out.string('a\ud800b\udc00'))).to.deep.equal(
      Uint8Array.of(8, 0x61, 0xef, 0xbf, 0xbd, 0x62, 0xef, 0xbf, 0xbd),
    );
  });

  it('floats, doubles and raw bytes are as they are, one behind the other', () => {
    const raw = Uint8Array.from({ length: 100 }, (_, i) => i);
    const written = bytesOf((out) => {
      out.float(1.5);
      out.double(-0.1);
      out.raw(raw.subarray(0, 3));
      out.raw(raw);
    });
    const view = new DataView(written.buffer);
    expect([view.getFloat32(0, true), view.getFloat64(4, true)]).to.deep.equal([1.5, -0.1]);
    expect(written.subarray(12)).to.deep.equal(Uint8Array.of(0, 1, 2, ...raw));
  });

  it('what is begun and ended has its length before it, of as many bytes as that takes', () => {
    for (const length of [0, 1, 127, 128, 16_383, 16_384, 3_000_000]) {
      const content = new Uint8Array(length).fill(7);
      const written = bytesOf((out) => {
        out.varint(9);
        const outer = out.begin();
        const inner = out.begin();
        out.raw(content);
        out.end(inner);
        out.end(outer);
        out.varint(5);
      });
      const inner = peer().bytes(content).finish();
      expect(Buffer.compare(written, peer().uint32(9).bytes(inner).uint32(5).finish())).to.equal(0);
    }
  });

  it('begins anew when what was written is taken, and leaves that alone', () => {
    for (const size of [2, 64]) {
      const out = new WireWriter(size);
      out.varint(1);
      const first = out.take();
      out.varint(2);
      expect(out.take()).to.deep.equal(Uint8Array.of(2));
      expect(first).to.deep.equal(Uint8Array.of(1));
    }
  });

  it('lends what was written until something else is written', () => {
    const out = new WireWriter(8);
    out.varint(5);
    const lent = out.lend();
    expect(lent).to.deep.equal(Uint8Array.of(5));
    expect(out.length).to.equal(0);
    out.varint(6);
    expect(lent).to.deep.equal(Uint8Array.of(6));
    expect(out.take()).to.deep.equal(Uint8Array.of(6));
  });

  it('tells how many bytes a varint takes', () => {
    for (const value of [0, 1, 127, 128, 2 ** 14 - 1, 2 ** 14, 2 ** 28, 2 ** 31, 2 ** 32 - 1, 2 ** 35, 2 ** 53 - 1]) {
      const out = new WireWriter(16);
      out.varint(value);
      expect(varintSize(value), `${value}`).to.equal(out.length);
    }
  });
});
