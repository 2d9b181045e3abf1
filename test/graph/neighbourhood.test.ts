import { expect } from 'chai';
import { neighbourhood } from '../../src/graph/neighbourhood.ts';
import { create, type NodeProto } from '../../src/onnx/schema.ts';

const node = (opType: string, input: string[], output: string[]): NodeProto =>
  create('NodeProto', { opType, input, output });

const opsOf = (nodes: readonly NodeProto[], from: string, to: string) =>
  neighbourhood(nodes, from, to).map(({ opType }) => opType);

describe('neighbourhood', () => {
  const nodes = [
    node('Relu', ['image'], ['before']),
    node('Conv', ['before', 'w'], ['x']),
    node('Constant', [], ['axes']),
    node('ReduceMean', ['x', 'axes'], ['mean']),
    node('Sub', ['x', 'mean'], ['y']),
    node('Sigmoid', ['y'], ['a']),
    node('Mul', ['a', 'y'], ['b']),
    node('Exp', ['other'], ['c']),
  ];

  it('has what makes the first value, all between, and the readers of the second; no constants, and nothing further off', () => {
    expect(opsOf(nodes, 'x', 'y')).to.deep.equal(['Conv', 'ReduceMean', 'Sub', 'Sigmoid', 'Mul']);
  });

  it('shows three readers of many, and nothing if no node makes the value or if it would be too large', () => {
    const readers = Array.from({ length: 9 }, (_, index) => node(`R${index}`, ['y'], [`r${index}`]));
    expect(opsOf([...nodes.slice(0, 5), ...readers], 'x', 'y').slice(3)).to.deep.equal(['R0', 'R1', 'R2']);
    expect(opsOf(nodes, 'x', 'image')).to.deep.equal([]);
    const long = Array.from({ length: 100 }, (_, index) => node('Neg', [`v${index}`], [`v${index + 1}`]));
    expect(opsOf(long, 'v0', 'v100')).to.deep.equal([]);
    expect(opsOf(long, 'v90', 'v100')).to.have.length(11);
  });
});
