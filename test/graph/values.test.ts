import { expect } from 'chai';
import { readsOf, Values } from '../../src/graph/values.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { create, type NodeProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { makeValueInfo } from '../../src/onnx/value-type.ts';

const node = (input: string[], output: string[]) => makeNode('Op', input, output, `of ${output[0]}`);

function valuesOf(nodes: readonly NodeProto[], outputs: readonly string[] = []): Values {
  const graph = create('GraphProto', {
    node: nodes,
    input: [makeValueInfo('x', 1, [1])],
    initializer: [makeTensor('w', 1, [1], [2])],
    sparseInitializer: [create('SparseTensorProto', { values: makeTensor('s', 1, [1], [3]) })],
    output: outputs.map((name) => makeValueInfo(name, 1, [1])),
  });
  return new Values(graph);
}

describe('graph/values', () => {
  it('knows what makes, stores or gives a value', () => {
    const made = node(['x', 'w'], ['y', '']);
    const values = valuesOf([made]);
    expect(values.get('y')?.producer).to.equal(made);
    expect(values.get('w')?.initializer?.name).to.equal('w');
    expect(values.get('s')?.sparseInitializer?.values?.name).to.equal('s');
    expect(values.get('x')?.input?.name).to.equal('x');
    for (const name of ['x', 'w', 's', 'y']) expect(values.get(name)?.isDefined, name).to.equal(true);
    expect(values.get('')).to.equal(undefined);
  });

  it('counts each place that reads a value, and names each of its readers once', () => {
    const [twice, once] = [node(['x', 'x', ''], ['a']), node(['x', 'a'], ['b'])];
    const values = valuesOf([twice, once], ['b', 'x']).count();
    expect(['x', 'a', 'b', 'w'].map((name) => values.get(name)?.uses)).to.deep.equal([4, 1, 1, 0]);
    expect(values.get('x')?.readers).to.deep.equal([twice, once]);
    expect(values.get('a')?.readers).to.equal(once);
    expect(values.get('b')?.readers).to.equal(undefined);
    expect(values.count().get('x')?.uses).to.equal(4);
  });

  it('has a name that is only read, without a definition', () => {
    const values = valuesOf([node(['outer'], ['a'])]);
    expect([...values.names()]).to.include('outer');
    expect(values.get('outer')?.isDefined).to.equal(false);
  });

  it('counts the nodes that read what only a later one makes', () => {
    const inOrder = [node(['x'], ['a']), node(['a'], ['b'])];
    expect(valuesOf(inOrder).early).to.equal(0);
    expect(valuesOf(inOrder.toReversed()).early).to.equal(1);
    // The first of two that make it counts.
    expect(valuesOf([node(['x'], ['a']), node(['a'], ['b']), node(['x'], ['a'])]).early).to.equal(0);
    expect(valuesOf([node(['b', 'c'], ['a']), node(['x'], ['b', 'c'])]).early).to.equal(1);
  });

  it('lists what a node reads, each once', () => {
    expect(readsOf(node(['a', 'b'], []))).to.deep.equal(['a', 'b']);
    expect(readsOf(node(['a', '', 'b', 'a'], []))).to.deep.equal(['a', 'b']);
  });
});
