import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { MODELS } from '../../bench/ocr/models.ts';
import { FIXTURES } from '../../fixtures/index.ts';
import { GnSwapError } from '../../src/errors.ts';
import { MemorySource, Slice } from '../../src/onnx/bytes.ts';
import { decode, LARGEST_MESSAGE } from '../../src/onnx/decode.ts';
import { type Encoded, encode, toBytes } from '../../src/onnx/encode.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { create, type GraphProto, type MessageName, type ModelProto, type TensorProto } from '../../src/onnx/schema.ts';
import { arbitraryPlain, PEERS, peerDecode, peerEncode, peerHas, plain, touch } from './support/plain.ts';
import { FileSource, PretendedSource, RecordingSource } from './support/sources.ts';
import { delimited, integer, join, model } from './support/wire.ts';

const decodeModel = (bytes: Uint8Array) => decode('ModelProto', new MemorySource(bytes));

function modelOf(graph: Partial<GraphProto>): ModelProto {
  return create('ModelProto', {
    irVersion: 8,
    graph: create('GraphProto', graph),
    opsetImport: [create('OperatorSetIdProto', { version: 17 })],
  });
}

/** A list of the parts, to look at. */
function partsOf({ parts }: Encoded): (Uint8Array | Slice)[] {
  return [...parts];
}

/** Checks that the length told is the length of the parts, and gives the bytes. */
function bytesOf(encoded: Encoded): Uint8Array {
  const bytes = toBytes(encoded);
  expect(partsOf(encoded).reduce((sum, part) => sum + part.length, 0)).to.equal(encoded.length);
  return bytes;
}

describe('onnx/encode', () => {
  for (const type of Object.keys(PEERS) as MessageName[]) {
    it(`${type}: onnx-proto reads what is written as the same content`, () => {
      fc.assert(
        fc.property(arbitraryPlain(type, 3, peerHas), (content) => {
          const message = decode(type, new MemorySource(peerEncode(type, content)));
          expect(peerDecode(type, bytesOf(encode(type, touch(message))))).to.deep.equal(content);
        }),
        { seed: 1, numRuns: 60 },
      );
    });
  }

  for (const fixture of FIXTURES) {
    it(`fixture ${fixture.name}: made here, read by onnx-proto and here as what it is`, () => {
      const { proto } = fixture.build();
      const bytes = bytesOf(encode('ModelProto', proto));
      expect(plain('ModelProto', decodeModel(bytes))).to.deep.equal(plain('ModelProto', proto));
      expect(bytesOf(encode('ModelProto', proto))).to.deep.equal(bytes);
      // onnx-proto drops what it does not know: one field of the model is enough to see that it got through the rest.
      expect(peerDecode('ModelProto', bytes).producerName).to.equal('gn-swap fixtures');
    });
  }

  for (const [name, path] of Object.entries(MODELS)) {
    describe(`the ${name} of PaddleOCR`, () => {
      it('is written as it was read, byte for byte, from memory and from its file', () => {
        const bytes = readFileSync(path);
        expect(Buffer.compare(writeModel(readModel(bytes)), bytes)).to.equal(0);
        const file = new FileSource(path);
        try {
          expect(Buffer.compare(writeModel(readModel(file)), bytes)).to.equal(0);
        } finally {
          file.close();
        }
      });

      it('written anew, every message of it, is the same for onnx-proto', () => {
        const bytes = readFileSync(path);
        const again = bytesOf(encode('ModelProto', touch(decodeModel(bytes))));
        expect(JSON.stringify(peerDecode('ModelProto', again))).to.equal(
          JSON.stringify(peerDecode('ModelProto', bytes)),
        );
      });
    });
  }

  describe('what is not changed', () => {
    const newer = (name: string) => delimited(2000, name);
    const bytes = join(
      integer(1, 8),
      delimited(
        7,
        join(
          // A node with its fields in an odd order and a tag of more bytes than it needs.
          delimited(
            1,
            join(delimited(4, 'Relu'), Uint8Array.of(0x8a, 0x00, 1), new TextEncoder().encode('x'), newer('node')),
          ),
          delimited(1, join(delimited(4, 'Sqrt'), newer('node'))),
          delimited(5, join(integer(1, 3), delimited(8, 'w'), newer('tensor'))),
          delimited(
            11,
            join(
              delimited(1, 'x'),
              delimited(2, join(delimited(1, newer('tensor type')), newer('type'))),
              newer('info'),
            ),
          ),
          newer('graph'),
        ),
      ),
      delimited(8, join(integer(2, 17), newer('opset'))),
      newer('model'),
    );

    it('keeps unknown fields at every level, also where something beside them changes', () => {
      const message = decodeModel(bytes);
      const changed = decodeModel(bytesOf(encode('ModelProto', touch(message))));
      const { graph } = changed;
      expect(changed.unknownFields).to.deep.equal([newer('model')]);
      expect(graph?.unknownFields).to.deep.equal([newer('graph')]);
      expect(graph?.node.map(({ unknownFields }) => unknownFields)).to.deep.equal([[newer('node')], [newer('node')]]);
      expect(graph?.initializer[0]?.unknownFields).to.deep.equal([newer('tensor')]);
      expect(graph?.input[0]?.unknownFields).to.deep.equal([newer('info')]);
      expect(graph?.input[0]?.type?.unknownFields).to.deep.equal([newer('type')]);
      expect(graph?.input[0]?.type?.tensorType?.unknownFields).to.deep.equal([newer('tensor type')]);
      expect(changed.opsetImport[0]?.unknownFields).to.deep.equal([newer('opset')]);
    });

    it('stays as its writer spelled it, beside what changes', () => {
      const message = decodeModel(bytes);
      const graph = message.graph as GraphProto;
      expect(graph.node[0]?.input).to.deep.equal(['x']);
      const node = [graph.node[0], { ...graph.node[1], opType: 'Exp' }] as GraphProto['node'];
      const written = bytesOf(encode('ModelProto', { ...message, graph: { ...graph, node } }));
      const odd = join(
        delimited(4, 'Relu'),
        Uint8Array.of(0x8a, 0x00, 1),
        new TextEncoder().encode('x'),
        newer('node'),
      );
      expect(Buffer.from(written).includes(Buffer.from(delimited(1, odd)))).to.equal(true);
      expect(decodeModel(written).graph?.node.map(({ opType }) => opType)).to.deep.equal(['Relu', 'Exp']);
    });

    it('is written with its own tag where it now stands in another field', () => {
      const message = decodeModel(model(delimited(11, delimited(1, 'x'))));
      const graph = message.graph as GraphProto;
      const moved = { ...graph, input: [], output: graph.input };
      const again = decodeModel(bytesOf(encode('ModelProto', { ...message, graph: moved })));
      expect(again.graph?.input).to.be.empty;
      expect(again.graph?.output[0]?.name).to.equal('x');
    });

    it('comes in the order that it now has, without what is taken out', () => {
      const nodes = Array.from({ length: 5 }, (_, i) => delimited(1, delimited(4, `Op${i}`)));
      const message = decodeModel(model(join(...nodes)));
      const graph = message.graph as GraphProto;
      const orders = [[0, 2, 4], [4, 3, 0], [1, 1], [0, 1, 3, 4], []];
      for (const order of orders) {
        const node = order.map((index) => graph.node[index]) as GraphProto['node'];
        const again = decodeModel(bytesOf(encode('ModelProto', { ...message, graph: { ...graph, node } })));
        expect(again.graph?.node.map(({ opType }) => opType)).to.deep.equal(order.map((index) => `Op${index}`));
      }
    });

    it('is one part where neighbours lie side by side', () => {
      const nodes = Array.from({ length: 1000 }, (_, i) => delimited(1, delimited(4, `Op${i}`)));
      const message = decodeModel(model(join(...nodes, delimited(2, 'g'))));
      const graph = { ...(message.graph as GraphProto), name: 'renamed' };
      expect(partsOf(encode('ModelProto', { ...message, graph })).length).to.be.at.most(5);
    });
  });

  it('a message that nobody changed is its source again, without a copy', () => {
    const source = new MemorySource(model(delimited(2, 'g')));
    const parts = partsOf(encode('ModelProto', decode('ModelProto', source)));
    expect(parts).to.have.length(1);
    expect(parts[0]).to.include({ source, start: 0, end: source.size });
  });

  it('large data of a file goes from source to target as a range', () => {
    const raw = new Uint8Array(1 << 20).fill(1);
    const file = new RecordingSource(model(delimited(5, join(delimited(8, 'w'), delimited(9, raw)))));
    const message = decode('ModelProto', file);
    const graph = message.graph as GraphProto;
    const initializer = graph.initializer.map((it) => ({ ...it, name: 'renamed' }));
    file.reads.length = 0;
    const parts = partsOf(encode('ModelProto', { ...message, graph: { ...graph, initializer } }));
    expect(file.reads).to.be.empty;
    const ranges = parts.filter((part) => part instanceof Slice);
    expect(ranges.some(({ source, length }) => source === file && length === raw.length)).to.equal(true);
  });

  it('same message, same bytes; equal messages, equal bytes', () => {
    const make = () => modelOf({ node: [create('NodeProto', { opType: 'Relu', input: ['x'], output: ['y'] })] });
    const [one, other] = [make(), make()];
    expect(bytesOf(encode('ModelProto', one))).to.deep.equal(bytesOf(encode('ModelProto', one)));
    expect(bytesOf(encode('ModelProto', one))).to.deep.equal(bytesOf(encode('ModelProto', other)));
  });

  it('writes zero and false as they are, and leaves out only what is absent', () => {
    const attribute = create('AttributeProto', { name: 'a', f: 0, i: 0, s: new Uint8Array(0) });
    const read = decode('AttributeProto', new MemorySource(bytesOf(encode('AttributeProto', attribute))));
    expect(read).to.deep.include({ name: 'a', f: 0, i: 0, t: undefined });
    expect(read.s?.length).to.equal(0);
    expect(encode('NodeProto', create('NodeProto', {})).length).to.equal(0);
  });

  it('a subgraph 30 graphs deep is written and read', () => {
    let graph = create('GraphProto', { name: 'innermost' });
    for (let n = 0; n < 30; n++) {
      const attribute = [create('AttributeProto', { name: 'body', type: 5, g: graph })];
      graph = create('GraphProto', { node: [create('NodeProto', { opType: 'Loop', attribute })] });
    }
    let read = decodeModel(bytesOf(encode('ModelProto', modelOf(graph)))).graph;
    for (let n = 0; n < 30; n++) read = read?.node[0]?.attribute[0]?.g;
    expect(read?.name).to.equal('innermost');
  });

  it('100,000 changed nodes take linear time, and few parts', () => {
    const count = 100_000;
    const node = Array.from({ length: count }, (_, i) =>
      create('NodeProto', { opType: 'Relu', name: `n${i}`, input: [`v${i}`], output: [`v${i + 1}`] }),
    );
    const encoded = encode('ModelProto', modelOf({ node }));
    expect(partsOf(encoded).length).to.be.at.most(5 + encoded.length / 2 ** 16);
    const message = decodeModel(bytesOf(encoded));
    expect(message.graph?.node.length).to.equal(count);
    expect(message.graph?.node.at(-1)?.output).to.deep.equal([`v${count}`]);
  });

  it('nodes that stay between nodes that change are no parts of their own, and stay in place', () => {
    const nodes = Array.from({ length: 10_000 }, (_, i) => delimited(1, delimited(4, `Op${i}`)));
    const message = decodeModel(model(join(...nodes, delimited(2, 'g'))));
    const graph = message.graph as GraphProto;
    const node = graph.node.map((it, i) => (i % 2 === 0 ? it : { ...it, name: `${i}` }));
    const encoded = encode('ModelProto', { ...message, graph: { ...graph, node } });
    expect(partsOf(encoded).length).to.be.at.most(5 + encoded.length / 2 ** 16);
    const read = decodeModel(bytesOf(encoded)).graph?.node ?? [];
    expect(read.map(({ opType }) => opType)).to.deep.equal(nodes.map((_, i) => `Op${i}`));
    expect(read.map(({ name }) => name)).to.deep.equal(nodes.map((_, i) => (i % 2 === 0 ? '' : `${i}`)));
  });

  it('what is large comes behind what is small and unchanged, as in the message', () => {
    const small = delimited(5, join(delimited(8, 'small'), delimited(9, new Uint8Array(4))));
    const [unchanged] = decodeModel(model(small)).graph?.initializer ?? [];
    const large = create('TensorProto', { name: 'large', rawData: Slice.of(new Uint8Array(1 << 20).fill(1)) });
    const encoded = encode('ModelProto', modelOf({ initializer: [unchanged as TensorProto, large] }));
    const read = decodeModel(bytesOf(encoded)).graph?.initializer ?? [];
    expect(read.map(({ name }) => name)).to.deep.equal(['small', 'large']);
    expect(read[1]?.rawData?.bytes()).to.deep.equal(large.rawData?.bytes());
  });

  describe('more bytes than protocol buffers allow', () => {
    const tensorOf = (length: number): TensorProto =>
      create('TensorProto', {
        name: 'w',
        rawData: new Slice(new PretendedSource(new Uint8Array(0), length), 0, length),
      });

    /** The error of writing a model of these tensors. */
    function refusal(...initializer: TensorProto[]): GnSwapError {
      try {
        encode('ModelProto', modelOf({ initializer }));
      } catch (error) {
        if (error instanceof GnSwapError) return error;
        throw error;
      }
      throw new Error('it was written');
    }

    it('one tensor of 2 GiB, of 4 GiB and of 4 GiB and 10 bytes is refused, and says so', () => {
      for (const length of [2 ** 31, 2 ** 32, 2 ** 32 + 10]) {
        const error = refusal(tensorOf(length));
        expect(error.code).to.equal('unsupported-model');
        expect(error.message).to.match(/\d{10} bytes/);
        expect(error.remedy).to.match(/external data/);
      }
    });

    it('many tensors that are too large together are refused', () => {
      const tensor = tensorOf(1 << 30);
      expect(refusal(tensor, tensor).code).to.equal('unsupported-model');
    });

    it('the largest model that is allowed is written, its lengths right', () => {
      const overhead =
        encode('ModelProto', modelOf({ initializer: [tensorOf(2 ** 31 - 100)] })).length - (2 ** 31 - 100);
      const length = LARGEST_MESSAGE - overhead;
      const encoded = encode('ModelProto', modelOf({ initializer: [tensorOf(length)] }));
      expect(encoded.length).to.equal(LARGEST_MESSAGE);
      expect(partsOf(encoded).some((part) => part.length === length)).to.equal(true);
      expect(refusal(tensorOf(length + 1)).code).to.equal('unsupported-model');
    });
  });
});
