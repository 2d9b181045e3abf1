import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { Names, namesOf } from '../../src/onnx/names.ts';
import { create, type GraphProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

const info = (name: string) => create('ValueInfoProto', { name });

describe('onnx/names', () => {
  it('gives the wanted name where it is free, else the smallest number behind it', () => {
    const names = new Names(['x', 'x_2', 'x_4', 'y']);
    expect(names.fresh('z')).to.equal('z');
    expect(names.fresh('x')).to.equal('x_3');
    expect(names.fresh('x')).to.equal('x_5');
    expect(names.fresh('x_2')).to.equal('x_2_2');
    expect(names.fresh('z')).to.equal('z_2');
    expect(names.fresh('')).to.equal('');
    expect(names.fresh('')).to.equal('_2');
  });

  it('never gives a name twice, also where names meet on the way', () => {
    const names = new Names([]);
    const given = ['a', 'a_2', 'a', 'a', 'a_2', 'a_2_2', 'a', 'a_3'].map((wanted) => names.fresh(wanted));
    expect(given).to.deep.equal(['a', 'a_2', 'a_3', 'a_4', 'a_2_2', 'a_2_2_2', 'a_5', 'a_3_2']);
  });

  it('is not slowed by 100,000 names that count already, nor by asking for one name 100,000 times', () => {
    const count = 100_000;
    const names = new Names(['x', ...Array.from({ length: count }, (_, i) => `x_${i + 2}`)]);
    for (let n = 0; n < count; n++) names.fresh('x');
    expect(names.fresh('x')).to.equal(`x_${2 * count + 2}`);
  });

  it('finds every name of values and of nodes, in subgraphs too, and keeps the two apart', () => {
    const inner: GraphProto = create('GraphProto', {
      input: [info('inner input')],
      initializer: [makeTensor('inner weight', 1, [1], [0])],
      node: [makeNode('Relu', ['captured'], ['inner value'], 'inner node')],
      output: [info('inner output')],
    });
    const graph = create('GraphProto', {
      input: [info('input')],
      initializer: [makeTensor('weight', 1, [1], [0])],
      sparseInitializer: [create('SparseTensorProto', { values: makeTensor('sparse', 1, [1], [0]) })],
      valueInfo: [info('stated')],
      output: [info('output')],
      node: [
        {
          ...makeNode('If', ['read'], ['made'], 'node'),
          attribute: [create('AttributeProto', { name: 'then_branch', g: inner })],
        },
      ],
    });
    const outer = ['input', 'weight', 'sparse', 'stated', 'output', 'read', 'made'];
    const values = [...outer, 'inner input', 'inner weight', 'inner value', 'inner output', 'captured'];
    const names = namesOf(graph);
    for (const name of values) expect(names.values.fresh(name), name).to.equal(`${name}_2`);
    for (const name of ['node', 'inner node']) {
      expect(names.nodes.fresh(name), name).to.equal(`${name}_2`);
      expect(names.values.fresh(name), name).to.equal(name);
    }
  });

  it('finds the names that a fixture has taken', () => {
    const { values, nodes } = namesOf(fixtureNamed('names-taken').build().proto.graph);
    expect(values.fresh('gn_swap/epsilon')).to.equal('gn_swap/epsilon_2');
    expect(nodes.fresh('bn/group/Mul')).to.equal('bn/group/Mul_2');
  });
});
