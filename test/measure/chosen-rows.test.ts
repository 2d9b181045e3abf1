import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { byNumbers, readsOf, SELECTS, within } from '../../src/measure/chosen-rows.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { create } from '../../src/onnx/schema.ts';

describe('measure/chosen-rows', () => {
  it('follows the numbers of the inputs, and not their sizes', () => {
    const net = new Net();
    const x = net.input('x', ['N', 3]);
    const big = net.node('Relu', [x]);
    const size = net.node('Shape', [x]);
    const grid = net.node('NonZero', [net.node('ConstantOfShape', [size])]);
    const both = net.node('Add', [big, net.node('Cast', [grid], { to: 1 })]);
    const { graph } = net.output(both, ['N', 3]).model().proto;
    const known = byNumbers(graph);
    expect([x, big, both].every((name) => known.has(name))).to.equal(true);
    expect([size, grid].some((name) => known.has(name))).to.equal(false);
  });

  it('does not take a stored tensor for an input, though older files list both', () => {
    const initializer = [create('TensorProto', { name: 'w' })];
    const input = ['x', 'w'].map((name) => create('ValueInfoProto', { name }));
    const node = [makeNode('Relu', ['w'], ['y'], ''), makeNode('Relu', ['x'], ['z'], '')];
    expect([...byNumbers(create('GraphProto', { node, input, initializer }))]).to.deep.equal(['x', 'z']);
  });

  it('knows nodes that stand before what they read', () => {
    const input = [create('ValueInfoProto', { name: 'x' })];
    const node = [
      makeNode('Relu', ['b'], ['c'], ''),
      makeNode('Relu', ['a'], ['b'], ''),
      makeNode('Cast', ['x'], ['a'], ''),
    ];
    expect([...byNumbers(create('GraphProto', { node, input }))].sort()).to.deep.equal(['a', 'b', 'c', 'x']);
  });

  it('reads for a node what its subgraphs read', () => {
    const inner = makeNode('NonMaxSuppression', ['boxes', '', 'scores'], ['rows'], '');
    const graph = create('GraphProto', { name: 'g', node: [inner] });
    const outer = {
      ...makeNode('If', ['condition'], ['y'], ''),
      attribute: [create('AttributeProto', { name: 'then_branch', type: 5, g: graph })],
    };
    expect(readsOf(outer)).to.deep.equal(['condition', 'boxes', 'scores']);
    expect(within(outer).map(({ opType }) => opType)).to.deep.equal(['If', 'NonMaxSuppression']);
    expect(SELECTS.has(inner.opType)).to.equal(true);
  });
});
