import { expect } from 'chai';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { decode } from '../../src/onnx/decode.ts';
import { create, type MessageName, SCHEMA } from '../../src/onnx/schema.ts';
import { fieldsOf, PEERS, type Plain, peerEncode, peerHas } from './support/plain.ts';

const NAMES = Object.keys(SCHEMA) as MessageName[];

/**
 * Fields that ONNX gained after 1.10, which is what onnx-proto knows, and the messages that came with them: number and
 * type, a list where repeated. Source: onnx/onnx.proto of github.com/onnx/onnx at the release of IR version 13 (6 November
 * 2025), field by field.
 */
const NEWER: { readonly [K in MessageName]?: Readonly<Record<string, string>> } = {
  ModelProto: { configuration: '26 DeviceConfigurationProto[]' },
  GraphProto: { metadataProps: '16 StringStringEntryProto[]' },
  NodeProto: {
    overload: '8 string',
    metadataProps: '9 StringStringEntryProto[]',
    deviceConfigurations: '10 NodeDeviceConfigurationProto[]',
  },
  TensorProto: { metadataProps: '16 StringStringEntryProto[]' },
  ValueInfoProto: { metadataProps: '4 StringStringEntryProto[]' },
  TypeProto: { opaqueType: '7 OpaqueType' },
  OpaqueType: { domain: '1 string', name: '2 string' },
  FunctionProto: {
    attributeProto: '11 AttributeProto[]',
    valueInfo: '12 ValueInfoProto[]',
    overload: '13 string',
    metadataProps: '14 StringStringEntryProto[]',
  },
  DeviceConfigurationProto: { name: '1 string', numDevices: '2 int32', device: '3 string[]' },
  NodeDeviceConfigurationProto: {
    configurationId: '1 string',
    shardingSpec: '2 ShardingSpecProto[]',
    pipelineStage: '3 int32',
  },
  ShardingSpecProto: {
    tensorName: '1 string',
    device: '2 int64[]',
    indexToDeviceGroupMap: '3 IntIntListEntryProto[]',
    shardedDim: '4 ShardedDimProto[]',
  },
  IntIntListEntryProto: { key: '1 int64', value: '2 int64[]' },
  ShardedDimProto: { axis: '1 int64', simpleSharding: '2 SimpleShardedDimProto[]' },
  SimpleShardedDimProto: { dimValue: '1 int64', dimParam: '2 string?', numShards: '3 int64' },
};

/** One value of a field, as plain data. */
function sample(type: MessageName, name: string): Plain {
  const field = fieldsOf(type)[name];
  if (field === undefined) throw new RangeError(`${type} has no ${name}`);
  const isList = field.repeated || field.type.startsWith('packed ');
  const isMessage = field.type in SCHEMA;
  const isText = field.type.startsWith('string') || field.type === 'bytes' || field.type === 'blob';
  const value = isMessage ? {} : isText ? 'YQ==' : 1;
  return { [name]: isList ? [value] : value };
}

describe('onnx/schema', () => {
  for (const type of NAMES) {
    it(`${type}: numbers and wire types are those of onnx-proto, or of the table of newer fields`, () => {
      for (const [name, { number, type: of, repeated }] of Object.entries(fieldsOf(type))) {
        const newer = NEWER[type]?.[name];
        expect(peerHas(type, name), `${name} is known to one of both`).to.equal(newer === undefined);
        if (newer !== undefined) {
          expect(`${number} ${of}${repeated ? '[]' : ''}`, name).to.equal(newer);
          continue;
        }
        const bytes = peerEncode(type, sample(type, name));
        // Field numbers up to 15 have tags of one byte, those up to 2047 of two.
        const tag = (bytes[0] ?? 0) & 0x80 ? ((bytes[0] ?? 0) & 0x7f) | ((bytes[1] ?? 0) << 7) : (bytes[0] ?? 0);
        expect(tag >>> 3, name).to.equal(number);
        const message: Readonly<Record<string, unknown>> = decode(type, new MemorySource(bytes));
        expect(message.unknownFields, name).to.be.empty;
        expect(message[name], name).to.not.deep.equal(({ ...create(type, {}) } as Record<string, unknown>)[name]);
      }
    });
  }

  it('knows every field that onnx-proto knows', () => {
    for (const [type, peer] of Object.entries(PEERS)) {
      const known = Object.keys(peer.prototype).filter((name) => name !== 'toJSON' && name !== 'constructor');
      expect(Object.keys(fieldsOf(type as MessageName)), type).to.include.members(known);
    }
  });

  it('gives no number twice, and none that ONNX reserves', () => {
    // `reserved` in onnx.proto: numbers that older versions used.
    const reserved: { readonly [K in MessageName]?: readonly number[] } = {
      AttributeProto: [12, 16, 17, 18, 19],
      GraphProto: [3, 4, 6, 7, 8, 9],
      FunctionProto: [2, 3],
      OpaqueType: [3],
    };
    for (const type of NAMES) {
      const numbers = Object.values(fieldsOf(type)).map(({ number }) => number);
      expect(new Set(numbers).size, type).to.equal(numbers.length);
      for (const number of [0, ...(reserved[type] ?? [])]) expect(numbers, type).to.not.include(number);
    }
  });

  it('create fills in defaults: empty lists, empty text, undefined', () => {
    const node = create('NodeProto', { opType: 'Relu', input: ['x'] });
    expect(node).to.include({ opType: 'Relu', name: '', domain: '', overload: '' });
    expect(node.input).to.deep.equal(['x']);
    for (const list of [node.output, node.attribute, node.metadataProps, node.unknownFields]) expect(list).to.be.empty;
    const dimension = create('Dimension', {});
    expect(dimension.dimValue).to.equal(undefined);
    // A member of a oneof: absent and empty differ.
    expect(dimension.dimParam).to.equal(undefined);
    expect(create('Dimension', { dimParam: '' }).dimParam).to.equal('');
  });

  it('create shares no list that a caller could change', () => {
    const { input } = create('NodeProto', {});
    expect(Object.isFrozen(input)).to.equal(true);
  });
});
