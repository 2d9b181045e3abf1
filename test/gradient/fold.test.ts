import { expect } from 'chai';
import { Net, valueInfo } from '../../fixtures/build.ts';
import { fold } from '../../src/gradient/fold.ts';
import type { Forward } from '../../src/gradient/forward.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { NodeProto } from '../../src/onnx/schema.ts';
import { makeTensor, noExternalData } from '../../src/onnx/tensor.ts';

const node = (opType: string, inputs: readonly string[], ...outputs: readonly string[]) =>
  makeNode(opType, inputs, outputs, outputs[0] as string);

/** What is left of these nodes and constants. */
function folded(nodes: readonly NodeProto[], constants: readonly string[], wrt: readonly string[]) {
  const forward: Forward = {
    opset: 18,
    nodes,
    inputs: [valueInfo('x', DataType.FLOAT, [1])],
    outputs: [],
    constants: new Map(constants.map((name) => [name, makeTensor(name, DataType.FLOAT, [1], [1])])),
    types: new Map(),
    external: noExternalData,
  };
  const after = fold(forward, new Set(wrt));
  expect([...forward.constants.keys()], 'the given graph is not changed').to.deep.equal(constants);
  return { nodes: after.nodes.map(({ output }) => output[0]), constants: [...after.constants.keys()], after, forward };
}

describe('gradient/fold', () => {
  it('drops nodes whose outputs are constants, and keeps the constants', () => {
    const nodes = [node('Neg', ['w'], 'a'), node('Add', ['x', 'a'], 'y')];
    const { nodes: left, constants } = folded(nodes, ['w', 'a'], []);
    expect([left, constants]).to.deep.equal([['y'], ['w', 'a']]);
  });

  it('takes what hangs on a wanted tensor out of the constants, over any number of nodes', () => {
    const nodes = [
      node('Neg', ['w'], 'a'),
      node('Neg', ['k'], 'b'),
      node('Add', ['a', 'b'], 'c'),
      node('Mul', ['x', 'c'], 'y'),
    ];
    const { nodes: left, constants } = folded(nodes, ['w', 'k', 'a', 'b', 'c'], ['w']);
    expect([left, constants]).to.deep.equal([
      ['a', 'c', 'y'],
      ['k', 'b'],
    ]);
  });

  it('keeps the sizes of a wanted tensor constants, as training does not change them', () => {
    const nodes = [node('Shape', ['w'], 's'), node('Size', ['w'], 'n'), node('Reshape', ['x', 's'], 'y')];
    const { nodes: left, constants } = folded(nodes, ['w', 's', 'n'], ['w']);
    expect([left, constants]).to.deep.equal([['y'], ['s', 'n']]);
  });

  it('drops the node that held a wanted tensor: it is an input from here on', () => {
    const nodes = [node('Constant', [], 'w'), node('Mul', ['x', 'w'], 'y')];
    const { nodes: left, constants } = folded(nodes, ['w'], ['w']);
    expect([left, constants]).to.deep.equal([['y'], []]);
  });

  it('keeps a node of which one output is no constant, and drops one whose others have no name', () => {
    const nodes = [node('Split', ['k'], 'a', 'b'), node('TopK', ['k'], 'c', '')];
    expect(folded(nodes, ['k', 'a', 'c'], []).nodes).to.deep.equal(['a']);
    expect(folded(nodes, ['k', 'a', 'b', 'c'], []).nodes).to.deep.equal([]);
  });

  it('sees what a subgraph reads from outside', () => {
    const branch = new Net({ prefix: 'in/' });
    branch.node('Neg', ['w']);
    const net = new Net();
    net.node('If', ['k'], { then_branch: { graph: branch.graph() } }, { outputs: ['a'] });
    expect(folded(net.nodes, ['w', 'k', 'a'], ['w'])).to.deep.include({ nodes: ['a'], constants: ['k'] });
    expect(folded(net.nodes, ['w', 'k', 'a'], [])).to.deep.include({ nodes: [], constants: ['w', 'k', 'a'] });
  });

  it('hands on the nodes themselves, and all else that is known of the graph', () => {
    const nodes = [node('Add', ['x', 'w'], 'y')];
    const { after, forward } = folded(nodes, ['w'], ['x']);
    expect(after.nodes[0]).to.equal(nodes[0]);
    expect({ ...after, nodes: [], constants: forward.constants }).to.deep.equal({ ...forward, nodes: [] });
  });
});
