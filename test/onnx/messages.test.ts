import { expect } from 'chai';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { begin, create, createNode, rawSpanOf, setRawSpan } from '../../src/onnx/messages.ts';
import { type Field, type MessageName, SCHEMA } from '../../src/onnx/table.ts';

const TYPES = Object.keys(SCHEMA) as MessageName[];

describe('messages', () => {
  for (const type of TYPES) {
    it(`a new ${type} has each field of the table, in its order, and nothing else`, () => {
      const fields = Object.entries(SCHEMA[type] as Record<string, Field>);
      const expected = fields.map(([name, field]) => [
        name,
        field.repeated ? [] : field.type === 'string' ? '' : undefined,
      ]);
      expect(Object.entries(create(type, {}))).to.deep.equal([...expected, ['unknownFields', []]]);
      expect(Object.keys(begin(type))).to.deep.equal([...fields.map(([name]) => name), 'unknownFields']);
    });

    it(`a copy of a ${type} does not say that it is as it was decoded`, () => {
      const message = begin(type);
      expect(rawSpanOf(message)).to.equal(undefined);
      const span = { source: new MemorySource(new Uint8Array(9)), header: 1, start: 3, end: 9, field: 5 };
      setRawSpan(message, span);
      expect(rawSpanOf(message)).to.deep.equal(span);
      expect(rawSpanOf({ ...message })).to.equal(undefined);
      expect({ ...message }).to.deep.equal({ ...create(type, {}) });
    });
  }

  it('empty lists are one, which nobody can add to', () => {
    const node = create('NodeProto', {});
    expect(node.input).to.equal(create('TensorProto', {}).dims);
    expect(() => (node.input as string[]).push('x')).to.throw(TypeError);
  });

  it('createNode makes what create makes', () => {
    const attribute = [create('AttributeProto', { name: 'a', i: 1 })];
    const fields = { opType: 'Add', input: ['a', 'b'], output: ['c'], name: 'n', attribute };
    expect(createNode('Add', fields.input, fields.output, 'n', attribute)).to.deep.equal(create('NodeProto', fields));
  });
});
