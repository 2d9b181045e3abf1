import { expect } from 'chai';
import { attributeText, NodeTexts, nodeText, tensorText } from '../../src/graph/part-text.ts';
import { makeAttribute, makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { type Model, memoryHome } from '../../src/onnx/model.ts';
import { type AttributeProto, create } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

const MODEL: Model = {
  proto: create('ModelProto', { graph: create('GraphProto', {}) }) as Model['proto'],
  home: memoryHome(),
};
const textOf = (it: AttributeProto) => JSON.parse(attributeText(it, MODEL));

describe('graph/part-text', () => {
  it('tells numbers, lists of integers and texts of attributes', () => {
    expect(textOf(makeAttribute('axis', -1))).to.deep.equal({ name: 'axis', int: '-1' });
    expect(textOf(makeAttribute('epsilon', { float: 1e-5 }))).to.deep.equal({
      name: 'epsilon',
      float: '0.000009999999747378752',
    });
    expect(textOf(makeAttribute('a"b', [1, 2]))).to.deep.equal({ name: 'a"b', ints: ['1', '2'] });
    expect(textOf(makeAttribute('mode', 'é'))).to.deep.equal({ name: 'mode', string: [0xc3, 0xa9] });
    expect(textOf(create('AttributeProto', { name: 'i', i: 2n ** 62n }))).to.deep.equal({
      name: 'i',
      int: String(2n ** 62n),
    });
  });

  it('leaves nothing out of an attribute that says more than one thing', () => {
    expect(textOf(create('AttributeProto', { name: 'a', i: 1, ints: [2] }))).to.deep.equal({
      name: 'a',
      int: '1',
      ints: ['2'],
    });
    expect(textOf(create('AttributeProto', { name: 'a', i: 1, refAttrName: 'r' }))).to.deep.equal({
      name: 'a',
      ref: 'r',
      int: '1',
    });
    expect(textOf(create('AttributeProto', { name: 'a', f: 1, floats: [2] }))).to.deep.equal({
      name: 'a',
      float: '1',
      floats: ['2'],
    });
    expect(textOf(create('AttributeProto', { name: 'a' }))).to.deep.equal({ name: 'a' });
  });

  it('tells types and dimensions of floats, and the values of integers', () => {
    expect(tensorText(makeTensor('w', DataType.FLOAT, [2, 1], [1, 2]), MODEL)).to.equal('[1,["2","1"],null]');
    expect(tensorText(makeTensor('s', DataType.FLOAT, [], [1]), MODEL)).to.equal('[1,[],null]');
    expect(tensorText(makeTensor('i', DataType.INT64, [2], [3, -1]), MODEL)).to.equal('[7,["2"],["3","-1"]]');
  });

  it('tells of a node what it computes, attributes by name, and not what it is called', () => {
    const node = (name: string, order: readonly ['a' | 'b', 'a' | 'b']) =>
      makeNode('Op', ['x', '', ''], ['y'], name, { [order[0]]: 1, [order[1]]: 1 });
    expect(nodeText(node('n', ['a', 'b']), MODEL)).to.equal(nodeText(node('m', ['b', 'a']), MODEL));
    expect(nodeText(node('n', ['a', 'b']), MODEL)).to.equal(
      '["","Op","",["x"],["y"],[{"name":"a","int":"1"},{"name":"b","int":"1"}]]',
    );
    const texts = new NodeTexts(MODEL);
    expect(texts.start(node('n', ['a', 'b']), '/y/body')).to.equal('["node","","/y/body",["","Op","",');
  });
});
