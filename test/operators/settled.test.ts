import { expect } from 'chai';
import { makeNode } from '../../src/onnx/attributes.ts';
import { constantNodeTensor } from '../../src/onnx/constant-node.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { noExternalData, valuesOf } from '../../src/onnx/tensor.ts';
import type { ValueType } from '../../src/onnx/value-type.ts';
import { settled } from '../../src/operators/settled.ts';

const MAP: ValueType = { elemType: DataType.FLOAT16, shape: [undefined, 8, 4, 5] };
const typeOf = (name: string): ValueType => (name === 'x' ? MAP : {});

describe('settled', () => {
  const shape = (attributes: Record<string, number>, of = 'x') =>
    settled(makeNode('Shape', [of], ['s'], 'n', attributes), typeOf);
  const sizes = (attributes: Record<string, number>) => {
    const tensor = constantNodeTensor(shape(attributes));
    return tensor && [...valuesOf(tensor, noExternalData)];
  };

  it('makes a Constant of sizes that the file tells, counted as a slice', () => {
    expect(sizes({ start: 1 })).to.deep.equal([8, 4, 5]);
    expect(sizes({ start: 1, end: 2 })).to.deep.equal([8]);
    expect(sizes({ start: -2, end: -1 })).to.deep.equal([4]);
    expect(sizes({ start: -2, end: 9 })).to.deep.equal([4, 5]);
    expect(sizes({ start: 3, end: 1 })).to.deep.equal([]);
    expect(shape({ start: 1 })).to.include({ opType: 'Constant', name: 'n' });
    expect(shape({ start: 1 }).output).to.deep.equal(['s']);
  });

  it('makes a Cast of a CastLike where the type is known', () => {
    const { opType, input, attribute } = settled(makeNode('CastLike', ['a', 'x'], ['y'], 'n'), typeOf);
    expect([opType, input, attribute[0]?.i]).to.deep.equal(['Cast', ['a'], DataType.FLOAT16]);
  });

  it('leaves what it can’t know, and what is of another domain', () => {
    for (const node of [
      makeNode('Shape', ['x'], ['s'], 'n'),
      makeNode('Shape', ['unknown'], ['s'], 'n'),
      makeNode('CastLike', ['a', 'unknown'], ['s'], 'n'),
      makeNode('Relu', ['x'], ['s'], 'n'),
      { ...makeNode('Shape', ['x'], ['s'], 'n', { start: 1 }), domain: 'com.example' },
    ]) {
      expect(settled(node, typeOf)).to.equal(node);
    }
  });
});
