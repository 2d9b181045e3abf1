import { expect } from 'chai';
import { makeNode } from '../../src/onnx/attributes.ts';
import { gap, gapOf, NodePattern, NodeRun, nodeListOf, withNodeList } from '../../src/onnx/node-run.ts';
import { create } from '../../src/onnx/schema.ts';

/** x → Relu → Add of a stored number → y, with gaps for a prefix, x and y. */
const PATTERN = new NodePattern([
  makeNode('Relu', [gap(1)], [`${gap(0)}/Relu`], `${gap(0)}/Relu`),
  makeNode('Add', [`${gap(0)}/Relu`, 'one'], [gap(2)], `${gap(0)}/Add`, { axis: 1 }),
]);

describe('onnx/node-run', () => {
  it('makes the nodes of its pattern with its names, and the same ones each time', () => {
    const run = new NodeRun(PATTERN, ['site', 'x', 'y']);
    expect(run.nodes).to.deep.equal([
      makeNode('Relu', ['x'], ['site/Relu'], 'site/Relu'),
      makeNode('Add', ['site/Relu', 'one'], ['y'], 'site/Add', { axis: 1 }),
    ]);
    expect(run.nodes).to.equal(run.nodes);
  });

  it('tells what its nodes are called, before they are made and after', () => {
    const pattern = new NodePattern([
      makeNode('Abs', [gap(1)], [`${gap(0)}/Abs`], `${gap(0)}/Abs`),
      makeNode('Neg', ['x'], ['y'], 'sole'),
    ]);
    const run = new NodeRun(pattern, ['site', 'x']);
    expect(run.nodeNames).to.deep.equal(['site/Abs', 'sole']);
    expect(run.nodes.map(({ name }) => name)).to.deep.equal(run.nodeNames);
  });

  it('tells what its nodes read from outside, each time, and what they make', () => {
    const run = new NodeRun(PATTERN, ['site', 'x', 'y']);
    const read: string[] = [];
    run.forEachRead((name) => read.push(name));
    expect(read).to.deep.equal(['x', 'one']);
    expect(['y', 'site/Relu', 'x', 'one', 'site'].map((name) => run.makes(name))).to.deep.equal([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('tells a gap from a name', () => {
    expect([gap(0), `${gap(12)}/Relu`, 'x', '', '0'].map(gapOf)).to.deep.equal([0, 12, -1, -1, -1]);
  });

  it('a graph of nodes and runs has the nodes of all, and a copy of it has them as a list', () => {
    const sole = makeNode('Sigmoid', ['y'], ['z'], 's');
    const run = new NodeRun(PATTERN, ['site', 'x', 'y']);
    const graph = withNodeList(create('GraphProto', { name: 'g' }), [run, sole]);
    expect(nodeListOf(graph)).to.deep.equal([run, sole]);
    expect(graph.node).to.deep.equal([...run.nodes, sole]);
    expect(graph.node[1]).to.equal(run.nodes[1]);
    const copy = { ...graph, name: 'h' };
    expect(nodeListOf(copy)).to.equal(copy.node);
    expect(copy.node).to.deep.equal(graph.node);
  });

  it('a graph without runs is its own list', () => {
    const graph = create('GraphProto', { node: [makeNode('Relu', ['x'], ['y'], 'n')] });
    expect(nodeListOf(graph)).to.equal(graph.node);
  });
});
