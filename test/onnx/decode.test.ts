import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { MODELS } from '../../bench/ocr/models.ts';
import { FIXTURES } from '../../fixtures/index.ts';
import { GnSwapError } from '../../src/errors.ts';
import { type ByteSource, MemorySource } from '../../src/onnx/bytes.ts';
import { decode, LARGEST_MESSAGE } from '../../src/onnx/decode.ts';
import { encode, toBytes } from '../../src/onnx/encode.ts';
import { rawSpanOf } from '../../src/onnx/messages.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import type { MessageName, ModelProto } from '../../src/onnx/schema.ts';
import { arbitraryPlain, PEERS, peerDecode, peerEncode, peerHas, plain, touch, writeLoosely } from './support/plain.ts';
import { FileSource, PretendedSource, RecordingSource } from './support/sources.ts';
import { DELIMITED, delimited, float32, integer, join, joinAll, model, tag, VARINT, varint } from './support/wire.ts';

/** As in src/onnx/decode.ts: larger ranges of a file are not read at once. */
const WINDOW = 256 << 10;

const decodeModel = (bytes: Uint8Array) => decode('ModelProto', new MemorySource(bytes));

/** The error that decoding ends with. */
function refusal(source: ByteSource): GnSwapError {
  try {
    decode('ModelProto', source);
  } catch (error) {
    if (error instanceof GnSwapError) return error;
    throw error;
  }
  throw new Error('it was decoded');
}

const refusalOf = (bytes: Uint8Array) => refusal(new MemorySource(bytes));

/** Model → graph → initializer with the given content. */
const withTensor = (...content: readonly Uint8Array[]) => model(delimited(5, join(...content)));

describe('onnx/decode', () => {
  describe('what onnx-proto writes', () => {
    for (const type of Object.keys(PEERS) as MessageName[]) {
      it(`${type}: is read as the same content, in memory and from a file`, () => {
        fc.assert(
          fc.property(arbitraryPlain(type, 3, peerHas), (content) => {
            const bytes = peerEncode(type, content);
            expect(plain(type, decode(type, new MemorySource(bytes)))).to.deep.equal(content);
            expect(plain(type, decode(type, new RecordingSource(bytes)))).to.deep.equal(content);
          }),
          { seed: 1, numRuns: 60 },
        );
      });
    }

    for (const [name, path] of Object.entries(MODELS)) {
      it(`the ${name} of PaddleOCR is read as onnx-proto reads it`, () => {
        const bytes = readFileSync(path);
        const theirs = peerDecode('ModelProto', bytes);
        const ours = plain('ModelProto', decodeModel(bytes));
        expect(JSON.stringify(ours, sorted)).to.equal(JSON.stringify(theirs, sorted));
      });
    }
  });

  it('reads what the format leaves open: any order, packed or not, lists and messages in pieces', () => {
    fc.assert(
      fc.property(
        arbitraryPlain('ModelProto', 3, () => true),
        fc.infiniteStream(fc.nat()),
        (content, numbers) => {
          const choose = (count: number) => (numbers.next().value ?? 0) % count;
          const bytes = writeLoosely('ModelProto', content, choose);
          for (const source of [new MemorySource(bytes), new RecordingSource(bytes)]) {
            const message = decode('ModelProto', source);
            expect(plain('ModelProto', message)).to.deep.equal(content);
            expect(toBytes(encode('ModelProto', message))).to.deep.equal(bytes);
            // Written anew, in the encoder's own order, the content is still the same.
            const again = toBytes(encode('ModelProto', touch(message)));
            expect(plain('ModelProto', decodeModel(again))).to.deep.equal(content);
          }
        },
      ),
      { seed: 2, numRuns: 100 },
    );
  });

  it('merges a singular message that comes twice, and then writes both again', () => {
    const bytes = join(
      integer(1, 8),
      delimited(7, join(delimited(2, 'g'), delimited(10, 'first'), delimited(1, delimited(4, 'Relu')))),
      delimited(7, join(delimited(10, 'second'), delimited(1, delimited(4, 'Sqrt')))),
    );
    const message = decodeModel(bytes);
    expect(message.graph).to.include({ name: 'g', docString: 'second' });
    expect(message.graph?.node.map(({ opType }) => opType)).to.deep.equal(['Relu', 'Sqrt']);
    expect(message.graph && rawSpanOf(message.graph)).to.equal(undefined);
    expect(toBytes(encode('ModelProto', message))).to.deep.equal(bytes);
    const again = decodeModel(toBytes(encode('ModelProto', { ...message, domain: 'd' })));
    expect(plain('ModelProto', again)).to.deep.equal({ ...plain('ModelProto', message), domain: 'd' });
  });

  it('keeps a known field under a wire type it can not have, as an unknown one', () => {
    const message = decodeModel(join(integer(1, 8), delimited(1, 'no version'), integer(7, 3)));
    expect(message).to.include({ irVersion: 8, graph: undefined });
    expect(message.unknownFields).to.deep.equal([delimited(1, 'no version'), integer(7, 3)]);
  });

  it('reads integers beyond 2⁵³ exactly, and writes them so', () => {
    for (const value of [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 53n) - 1n]) {
      const bytes = withTensor(integer(1, value));
      const message = decodeModel(bytes);
      expect(message.graph?.initializer[0]?.dims).to.deep.equal([value]);
      expect(toBytes(encode('ModelProto', touch(message)))).to.deep.equal(bytes);
    }
  });

  describe('bytes are looked at, not copied', () => {
    it('raw data, packed lists, bytes and unknown fields are views on the memory', () => {
      const raw = Uint8Array.from({ length: 5000 }, (_, i) => i);
      const unknown = delimited(1000, 'new');
      const source = new MemorySource(
        withTensor(delimited(9, raw), delimited(4, float32(2)), delimited(6, 'text'), unknown),
      );
      const tensor = decode('ModelProto', source).graph?.initializer[0];
      expect(tensor?.rawData?.source).to.equal(source);
      expect(tensor?.floatData?.source).to.equal(source);
      expect(tensor?.rawData?.bytes()).to.deep.equal(raw);
      const memory = source.read(0, 0).buffer;
      expect(tensor?.rawData?.bytes().buffer).to.equal(memory);
      expect(tensor?.stringData[0]?.buffer).to.equal(memory);
      expect(tensor?.unknownFields[0]?.buffer).to.equal(memory);
      expect(tensor?.unknownFields).to.deep.equal([unknown]);
    });

    it('from a file, large data is not read, and stays a range of the file', () => {
      const raw = new Uint8Array(40 << 20).fill(7);
      const bytes = withTensor(delimited(9, raw), delimited(8, 'behind it'));
      const file = new RecordingSource(bytes);
      const message = decode('ModelProto', file);
      const tensor = message.graph?.initializer[0];
      expect(tensor?.name).to.equal('behind it');
      expect(tensor?.rawData?.source).to.equal(file);
      expect(tensor?.rawData?.length).to.equal(raw.length);
      // One window each for model, graph and tensor, and one behind the data.
      expect(file.reads.length).to.be.at.most(6);
      expect(file.bytesRead).to.be.at.most(6 * (WINDOW + 20));
      // Writing takes it in pieces.
      file.reads.length = 0;
      expect(Buffer.compare(toBytes(encode('ModelProto', { ...message, domain: 'd' })), bytes)).to.not.equal(0);
      expect(Math.max(...file.reads.map(({ start, end }) => end - start))).to.be.at.most(4 << 20);
    });

    it('a file of many layers is read about once', () => {
      const tensors = Array.from({ length: 60 }, (_, i) =>
        delimited(5, join(delimited(8, `w${i}`), delimited(9, new Uint8Array(200_000).fill(i)))),
      );
      const nodes = Array.from({ length: 5000 }, (_, i) =>
        delimited(1, join(delimited(1, `v${i}`), delimited(4, 'Relu'))),
      );
      const bytes = model(join(...nodes, ...tensors));
      const file = new RecordingSource(bytes);
      const message = decode('ModelProto', file);
      expect(message.graph?.node.length).to.equal(5000);
      expect(message.graph?.initializer.length).to.equal(60);
      // A tensor that does not fit what is left of a window is read again at the start of the next: at most twice.
      expect(file.bytesRead).to.be.at.most(2 * bytes.length);
    });
  });

  describe('fields around the size of the window of a file', () => {
    const around = [0, 1, 4095, 4096, 100_000, WINDOW - 40, WINDOW - 1, WINDOW, WINDOW + 1, WINDOW + 20, 300_000];
    const size = fc.oneof(fc.constantFrom(...around), fc.integer({ min: WINDOW - 64, max: WINDOW + 64 }));
    const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0x7f);

    /** A tensor's field of about the given size, in one of the ways there are. */
    const field = fc.tuple(size, fc.nat({ max: 6 })).map(([length, kind]) => {
      const content = bytesOf(length);
      const whole = content.subarray(0, length - (length % 8));
      return [
        delimited(9, content),
        delimited(4, whole),
        delimited(7, content),
        delimited(6, content),
        delimited(12, content),
        delimited(1234, content),
        delimited(13, join(delimited(1, 'key'), delimited(2, content))),
      ][kind] as Uint8Array;
    });

    it('are read alike in memory and from a file, and written back', () => {
      fc.assert(
        fc.property(fc.array(fc.array(field, { maxLength: 4 }), { maxLength: 4 }), (tensors) => {
          const graph = join(...tensors.map((fields) => delimited(5, join(...fields))), delimited(2, 'end'));
          const bytes = model(graph, delimited(6, 'doc'));
          const inMemory = decodeModel(bytes);
          const fromFile = decode('ModelProto', new RecordingSource(bytes));
          expect(fromFile.docString).to.equal('doc');
          expect(fromFile.graph?.name).to.equal('end');
          expect(Buffer.compare(toBytes(encode('ModelProto', fromFile)), bytes)).to.equal(0);
          const [one, other] = [inMemory, fromFile].map((it) => toBytes(encode('ModelProto', touch(it))));
          expect(Buffer.compare(one as Uint8Array, other as Uint8Array)).to.equal(0);
          expect(JSON.stringify(plain('ModelProto', decodeModel(one as Uint8Array)))).to.equal(
            JSON.stringify(plain('ModelProto', inMemory)),
          );
        }),
        { seed: 3, numRuns: 15 },
      );
    });

    it('lists of numbers written one by one are joined across windows', () => {
      const count = WINDOW;
      const elements = Array.from({ length: count }, (_, i) => integer(7, i % 300));
      const bytes = withTensor(joinAll(elements), delimited(8, 'name'));
      for (const source of [new MemorySource(bytes), new RecordingSource(bytes)]) {
        const tensor = decode('ModelProto', source).graph?.initializer[0];
        expect(tensor?.name).to.equal('name');
        const expected = joinAll(Array.from({ length: count }, (_, i) => varint(i % 300)));
        expect(Buffer.compare(tensor?.int64Data?.bytes() ?? new Uint8Array(), expected)).to.equal(0);
      }
    });

    it('packed lists in large pieces are joined', () => {
      const [one, two, three] = [bytesOf(400_000), bytesOf(8), bytesOf(300_000)];
      const bytes = withTensor(delimited(4, one), delimited(4, two), delimited(4, three));
      const tensor = decode('ModelProto', new RecordingSource(bytes)).graph?.initializer[0];
      expect(Buffer.compare(tensor?.floatData?.bytes() ?? new Uint8Array(), join(one, two, three))).to.equal(0);
    });

    it('large messages that come twice are merged', () => {
      const half = (name: string) =>
        delimited(7, delimited(5, join(delimited(8, name), delimited(9, bytesOf(300_000)))));
      const message = decode('ModelProto', new RecordingSource(join(integer(1, 8), half('a'), half('b'))));
      expect(message.graph?.initializer.map(({ name }) => name)).to.deep.equal(['a', 'b']);
      // Written anew around it, the graph still has both halves.
      const again = decodeModel(toBytes(encode('ModelProto', { ...message, domain: 'd' })));
      expect(again.graph?.initializer.map(({ name }) => name)).to.deep.equal(['a', 'b']);
    });
  });

  describe('damaged bytes', () => {
    it('are refused as such, with what to do', () => {
      const error = refusalOf(Uint8Array.of(0x0a, 0x20, 0x01));
      expect(error.code).to.equal('invalid-model');
      expect(error.message).to.match(/^not an ONNX file, or a damaged one \(/);
      expect(error.remedy).to.equal('Export or download the model again');
      expect(error.cause).to.be.instanceOf(Error);
    });

    const cases: readonly [string, Uint8Array, RegExp][] = [
      ['a length past the end', join(tag(7, DELIMITED), varint(100), varint(0)), /runs past the end/],
      ['a length past the end of the message around', model(join(tag(1, DELIMITED), varint(100))), /runs past the end/],
      ['text past the end of its message', model(join(tag(2, DELIMITED), varint(4))), /runs past the end/],
      ['tensor data past the end', withTensor(join(tag(9, DELIMITED), varint(1 << 20))), /runs past the end/],
      ['a negative length', join(tag(7, DELIMITED), varint(-1)), /length|out of range/],
      ['a field number of 0', join(tag(0, VARINT), varint(1)), /the number 0/],
      ['a group', join(tag(100, 3), tag(100, 4)), /a group/],
      ['the end of a group', tag(100, 4), /wire type/],
      ['a wire type that there is not', join(tag(100, 7), varint(1)), /wire type/],
      ['an integer of more than ten bytes', join(tag(1, VARINT), new Uint8Array(12).fill(0xff)), /more than ten bytes/],
      ['a name that is not UTF-8', model(delimited(2, Uint8Array.of(0xff, 0xfe))), /utf-8/],
    ];
    for (const [what, bytes, message] of cases) {
      it(`${what}: refused, in memory and from a file`, () => {
        for (const source of [new MemorySource(bytes), new RecordingSource(bytes)]) {
          const error = refusal(source);
          expect(error.code).to.equal('invalid-model');
          expect(error.message).to.match(message);
        }
      });
    }

    it('messages are followed 100 deep and no deeper', () => {
      expect(refusalOf(deepType(200)).message).to.match(/more than 100 messages inside each other/);
      expect(refusal(new RecordingSource(deepType(200))).message).to.match(/more than 100 messages/);
      expect(() => decodeModel(deepType(48))).to.not.throw();
    });

    it('ten thousand messages inside each other end at once', () => {
      expect(refusalOf(deepType(10_000)).code).to.equal('invalid-model');
    });

    it('a packed list in very many pieces takes linear time', () => {
      // 400,000 pieces, an unknown field between any two: joining pairs of lists would copy 10¹¹ bytes.
      const piece = join(integer(7, 1), integer(999, 1));
      const bytes = withTensor(joinAll(new Array<Uint8Array>(400_000).fill(piece)));
      const tensor = decodeModel(bytes).graph?.initializer[0];
      expect(tensor?.int64Data?.length).to.equal(400_000);
      expect(tensor?.unknownFields.length).to.equal(400_000);
    });

    it('a message in very many pieces takes linear time', () => {
      const piece = delimited(7, delimited(1, delimited(4, 'Relu')));
      const message = decodeModel(joinAll(new Array<Uint8Array>(200_000).fill(piece)));
      expect(message.graph?.node.length).to.equal(200_000);
    });

    it('any change of a model is read, or refused with GnSwapError; what is read can be written and read again', () => {
      const models = FIXTURES.map((fixture) => writeModel(fixture.build()));
      let [read, refused] = [0, 0];
      fc.assert(
        fc.property(
          fc.nat({ max: models.length - 1 }),
          fc.array(mutation, { minLength: 1, maxLength: 4 }),
          (at, edits) => {
            const bytes = edits.reduce(mutate, models[at] as Uint8Array);
            for (const source of [new MemorySource(bytes), new RecordingSource(bytes)]) {
              let message: ModelProto;
              try {
                message = decode('ModelProto', source);
              } catch (error) {
                expect(error).to.be.instanceOf(GnSwapError);
                refused++;
                continue;
              }
              read++;
              expect(Buffer.compare(toBytes(encode('ModelProto', message)), bytes)).to.equal(0);
              const again = decodeModel(toBytes(encode('ModelProto', touch(message))));
              expect(plain('ModelProto', again)).to.deep.equal(plain('ModelProto', message));
            }
          },
        ),
        { seed: 4, numRuns: 2500 },
      );
      // Both happen, and often: else the mutations test nothing.
      expect(Math.min(read, refused)).to.be.above(500);
    });

    it('every cut of a model is read or refused', () => {
      const bytes = writeModel(FIXTURES[0]?.build() ?? readModel(model()));
      for (let length = 0; length < bytes.length; length++) {
        const cut = bytes.subarray(0, length);
        try {
          expect(toBytes(encode('ModelProto', decodeModel(cut))).length).to.equal(length);
        } catch (error) {
          expect(error).to.be.instanceOf(GnSwapError);
        }
      }
    });

    it('random bytes are read or refused', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
          try {
            decodeModel(bytes);
          } catch (error) {
            expect(error).to.be.instanceOf(GnSwapError);
          }
        }),
        { seed: 5, numRuns: 3000 },
      );
    });
  });

  describe('sizes that protocol buffers do not allow', () => {
    it('a file of 2 GiB or more is refused before it is read', () => {
      const error = refusal(new PretendedSource(model(), LARGEST_MESSAGE + 1));
      expect(error.code).to.equal('unsupported-model');
      expect(error.message).to.contain('2147483648 bytes');
      expect(error.remedy).to.match(/external data/);
    });

    it('a file just below is read, its data not', () => {
      const size = LARGEST_MESSAGE;
      // Everything but the headers is raw data of one tensor: headers of 1 + 5 bytes each, for graph, tensor and data.
      const rest = size - 18;
      const head = join(
        tag(7, DELIMITED),
        varint(rest + 12),
        tag(5, DELIMITED),
        varint(rest + 6),
        tag(9, DELIMITED),
        varint(rest),
      );
      expect(head.length).to.equal(18);
      const file = new PretendedSource(head, size);
      const message = decode('ModelProto', file);
      expect(message.graph?.initializer[0]?.rawData).to.include({ source: file, start: 18, end: size });
      expect(encode('ModelProto', message).length).to.equal(size);
    });
  });

  describe('a source that fails', () => {
    const failing = (read: ByteSource['read']): ByteSource => ({ size: 10, read });

    it('is unreadable, not invalid', () => {
      const error = refusal(
        failing(() => {
          throw new Error('EIO: i/o error');
        }),
      );
      expect(error.code).to.equal('unreadable');
      expect(error.message).to.contain('EIO');
    });

    it('keeps the error that says more', () => {
      const own = new GnSwapError('internal', 'stopped');
      const error = refusal(
        failing(() => {
          throw own;
        }),
      );
      expect(error).to.equal(own);
    });

    it('is unreadable where it gives less than it has', () => {
      expect(refusal(failing(() => new Uint8Array(3))).code).to.equal('unreadable');
    });
  });

  for (const [name, path] of Object.entries(MODELS)) {
    it(`the ${name} of PaddleOCR: read from its file as from memory`, () => {
      const file = new FileSource(path);
      try {
        const fromFile = decode('ModelProto', file);
        const inMemory = decodeModel(readFileSync(path));
        expect(JSON.stringify(plain('ModelProto', fromFile))).to.equal(JSON.stringify(plain('ModelProto', inMemory)));
      } finally {
        file.close();
      }
    });
  }
});

/** For JSON: keys in alphabetical order. */
function sorted(_key: string, value: unknown): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
}

/** A value whose type is a sequence of a sequence of …: two messages a level. */
function deepType(levels: number): Uint8Array {
  // From the inside out, as a list of headers: joining at every level would be quadratic.
  const headers: Uint8Array[] = [];
  let length = 0;
  for (let n = 0; n < 2 * levels; n++) {
    const header = join(tag(n % 2 === 0 ? 1 : 4, DELIMITED), varint(length));
    headers.push(header);
    length += header.length;
  }
  return model(delimited(11, delimited(2, joinAll(headers.reverse()))));
}

interface Mutation {
  readonly kind: 'flip' | 'cut' | 'set' | 'insert' | 'remove' | 'repeat';
  /** Where, modulo the length. */
  readonly at: number;
  readonly length: number;
  readonly byte: number;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom('flip', 'flip', 'set', 'set', 'cut', 'insert', 'remove', 'repeat'),
  at: fc.noBias(fc.nat()),
  length: fc.integer({ min: 1, max: 40 }),
  byte: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)),
});

function mutate(bytes: Uint8Array, { kind, at, length, byte }: Mutation): Uint8Array {
  const from = at % (bytes.length + 1);
  const to = Math.min(from + length, bytes.length);
  switch (kind) {
    case 'flip':
    case 'set': {
      const changed = bytes.slice();
      changed[from] = kind === 'set' ? byte : (changed[from] ?? 0) ^ (1 << (byte & 7));
      return changed;
    }
    case 'cut':
      return bytes.slice(0, from);
    case 'insert':
      return join(bytes.subarray(0, from), new Uint8Array(length).fill(byte), bytes.subarray(from));
    case 'remove':
      return join(bytes.subarray(0, from), bytes.subarray(to));
    case 'repeat':
      return join(bytes.subarray(0, to), bytes.subarray(from));
  }
}
