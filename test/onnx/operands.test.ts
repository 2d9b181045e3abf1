import { expect } from 'chai';
import { makeNode } from '../../src/onnx/attributes.ts';
import { calledBy, nameAt } from '../../src/onnx/operands.ts';

describe('onnx/operands', () => {
  it('an input that is left out has no name, in the middle or behind the last', () => {
    const { input } = makeNode('Clip', ['x', '', 'high'], ['y'], '');
    expect([0, 1, 2, 3].map((index) => nameAt(input, index))).to.deep.equal(['x', '', 'high', '']);
  });

  it('a node is called by its name, else by the first output that has one, else by its operator', () => {
    expect(calledBy(makeNode('Relu', ['x'], ['y'], 'act'))).to.equal('act');
    expect(calledBy(makeNode('LSTM', ['x'], ['', 'h'], ''))).to.equal('h');
    expect(calledBy(makeNode('Relu', ['x'], [''], ''))).to.equal('Relu');
  });
});
