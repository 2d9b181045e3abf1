import { expect } from 'chai';
import { valueInfo } from '../../fixtures/build.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { create } from '../../src/onnx/schema.ts';
import { typeText } from '../../src/onnx/type-text.ts';

describe('typeText', () => {
  it('shows sizes, symbols, and what is not stated', () => {
    const text = (dims: Parameters<typeof valueInfo>[2]) => typeText(valueInfo('x', DataType.FLOAT16, dims).type);
    expect(text([1, 'n', undefined])).to.equal('float16 [1, n, ?]');
    expect(text([])).to.equal('float16 []');
    expect(text(undefined)).to.equal('float16');
    expect(typeText(undefined)).to.equal('of no stated type');
  });

  it('shows what is made of tensors', () => {
    const elemType = valueInfo('x', DataType.INT64, [2]).type;
    const sequence = create('TypeProto', { sequenceType: create('SequenceType', { elemType }) });
    expect(typeText(sequence)).to.equal('sequence of int64 [2]');
    expect(typeText(create('TypeProto', { optionalType: create('SequenceType', { elemType: sequence }) }))).to.equal(
      'optional sequence of int64 [2]',
    );
  });
});
