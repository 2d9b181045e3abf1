import { expect } from 'chai';
import fc from 'fast-check';
import { FIXTURES } from '../../fixtures/index.ts';
import { Slice } from '../../src/onnx/bytes.ts';
import { type Entry, type Fields, fieldsOf, writeMessage } from '../../src/onnx/encode-small.ts';
import { messageLength } from '../../src/onnx/message-length.ts';
import { create, type Int64, type MessageName } from '../../src/onnx/schema.ts';
import { WireWriter } from '../../src/onnx/wire-writer.ts';

const fieldOf = (name: string) => fieldsOf('GraphProto').find((it) => it.name === name) as Entry;

/** What the message is written as. */
function written(field: Entry, type: MessageName, message: object): number {
  const out = new WireWriter(64);
  writeMessage(field, type, message as Fields, out);
  return out.length;
}

const text = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'binary-ascii' }),
);
/** Also halves of pairs. */
const units = fc.array(fc.nat(0xffff), { maxLength: 8 }).map((codes) => String.fromCharCode(...codes));
const integer = fc.oneof(
  fc.maxSafeInteger() as fc.Arbitrary<Int64>,
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom<Int64>(0, 127, 128, 2 ** 14 - 1, 2 ** 14, 2 ** 28, 2 ** 31, 2 ** 35, -1, 2n ** 62n),
);

describe('onnx/message-length', () => {
  it('is what the message is written as: every node, tensor and value of the fixtures, as it stood and written anew', () => {
    let count = 0;
    for (const { name, build } of FIXTURES) {
      const { graph } = build().proto;
      for (const [list, type] of [
        ['node', 'NodeProto'],
        ['initializer', 'TensorProto'],
        ['valueInfo', 'ValueInfoProto'],
        ['sparseInitializer', 'SparseTensorProto'],
      ] as const) {
        for (const it of graph[list]) {
          for (const message of [it, { ...it }]) {
            expect(messageLength(fieldOf(list), type, message), `${name} ${list}`).to.equal(
              written(fieldOf(list), type, message),
            );
            count++;
          }
        }
      }
    }
    expect(count).to.be.above(2000);
  });

  it('is so for any text, integer and float, and for fields that are not known', () => {
    const attribute = fc
      .record({
        name: text,
        i: fc.option(integer, { nil: undefined }),
        f: fc.option(fc.float(), { nil: undefined }),
        ints: fc.array(integer, { maxLength: 4 }),
        docString: units,
      })
      .map((fields) => create('AttributeProto', fields));
    const node = fc
      .record({
        name: units,
        opType: text,
        input: fc.array(text, { maxLength: 3 }),
        attribute: fc.array(attribute, { maxLength: 3 }),
        unknownFields: fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 2 }),
      })
      .map((fields) => create('NodeProto', fields));
    const tensor = fc
      .record({
        name: text,
        dims: fc.array(integer, { maxLength: 4 }),
        dataType: fc.nat(30),
        data: fc.uint8Array({ maxLength: 300 }),
      })
      .map(({ data, ...fields }) => create('TensorProto', { ...fields, rawData: Slice.of(data) }));
    fc.assert(
      fc.property(node, tensor, (some, other) => {
        expect(messageLength(fieldOf('node'), 'NodeProto', some)).to.equal(written(fieldOf('node'), 'NodeProto', some));
        const field = fieldOf('initializer');
        expect(messageLength(field, 'TensorProto', other)).to.equal(written(field, 'TensorProto', other));
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});
