import { expect } from 'chai';
import {
  AttributeType,
  attributeOf,
  floatAttribute,
  intAttribute,
  intsAttribute,
  makeAttribute,
  makeNode,
  mapSubgraphs,
  permOf,
  stringAttribute,
  subgraphsOf,
} from '../../src/onnx/attributes.ts';
import { MemorySource } from '../../src/onnx/bytes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { decode } from '../../src/onnx/decode.ts';
import { encode, toBytes } from '../../src/onnx/encode.ts';
import { create, type GraphProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { peerDecode } from './support/plain.ts';

const graphOf = (name: string): GraphProto => create('GraphProto', { name });

/** A node with a graph, a list of graphs and another attribute. */
function nodeWithGraphs() {
  return create('NodeProto', {
    opType: 'If',
    attribute: [
      create('AttributeProto', { name: 'then_branch', type: AttributeType.GRAPH, g: graphOf('then') }),
      makeAttribute('axis', 1),
      create('AttributeProto', { name: 'bodies', graphs: [graphOf('first'), graphOf('second')] }),
    ],
  });
}

describe('onnx/attributes', () => {
  const node = makeNode('Op', ['x', '', 'z'], ['y'], 'name', {
    int: -3,
    zero: 0,
    float: { float: 1e-5 },
    text: 'größe',
    ints: [1, -2],
    none: [],
    tensor: makeTensor('t', DataType.FLOAT, [1], [2]),
  });

  it('makes a node of the standard domain whose attributes say their types', () => {
    expect(node).to.deep.include({ opType: 'Op', domain: '', name: 'name', input: ['x', '', 'z'], output: ['y'] });
    expect(node.attribute.map(({ name, type }) => [name, type])).to.deep.equal([
      ['int', AttributeType.INT],
      ['zero', AttributeType.INT],
      ['float', AttributeType.FLOAT],
      ['text', AttributeType.STRING],
      ['ints', AttributeType.INTS],
      ['none', AttributeType.INTS],
      ['tensor', AttributeType.TENSOR],
    ]);
  });

  it('reads what it made, and the same after writing and reading', () => {
    const again = decode('NodeProto', new MemorySource(toBytes(encode('NodeProto', node))));
    for (const it of [node, again]) {
      expect(intAttribute(it, 'int', 7)).to.equal(-3);
      expect(intAttribute(it, 'zero', 7)).to.equal(0);
      expect(floatAttribute(it, 'float', 7)).to.equal(Math.fround(1e-5));
      expect(stringAttribute(it, 'text')).to.equal('größe');
      expect(intsAttribute(it, 'ints')).to.deep.equal([1, -2]);
      expect(intsAttribute(it, 'none')).to.deep.equal([]);
      expect(attributeOf(it, 'tensor')?.t?.name).to.equal('t');
    }
  });

  it('onnx-proto reads it as the same', () => {
    const [int, , float, text, ints] = peerDecode('NodeProto', toBytes(encode('NodeProto', node)))
      .attribute as object[];
    expect(int).to.deep.equal({ name: 'int', type: 2, i: '-3' });
    expect(float).to.deep.equal({ name: 'float', type: 1, f: Math.fround(1e-5) });
    expect(text).to.deep.equal({ name: 'text', type: 3, s: Buffer.from('größe').toString('base64') });
    expect(ints).to.deep.equal({ name: 'ints', type: 7, ints: ['1', '-2'] });
  });

  it('gives the default where an attribute is absent, of whatever kind', () => {
    expect(attributeOf(node, 'absent')).to.equal(undefined);
    expect(intAttribute(node, 'absent', 5)).to.equal(5);
    expect(intAttribute(node, 'absent', undefined)).to.equal(undefined);
    expect(floatAttribute(node, 'absent', 0.5)).to.equal(0.5);
    expect(intsAttribute(node, 'absent')).to.equal(undefined);
    expect(stringAttribute(node, 'absent')).to.equal(undefined);
  });

  it('turns all axes round in a Transpose that does not say how', () => {
    expect(permOf(makeNode('Transpose', ['x'], ['y'], 't', { perm: [0, 2, 1] }), 3)).to.deep.equal([0, 2, 1]);
    expect(permOf(makeNode('Transpose', ['x'], ['y'], 't'), 4)).to.deep.equal([3, 2, 1, 0]);
  });

  it('refuses to make an integer of what is none', () => {
    for (const value of [1e-5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => makeAttribute('epsilon', value), `${value}`).to.throw(RangeError, 'epsilon');
    }
  });

  it('lists subgraphs with the attribute that holds them', () => {
    expect(subgraphsOf(nodeWithGraphs()).map(({ name, graph }) => [name, graph.name])).to.deep.equal([
      ['then_branch', 'then'],
      ['bodies[0]', 'first'],
      ['bodies[1]', 'second'],
    ]);
    expect(subgraphsOf(node)).to.be.empty;
  });

  it('maps subgraphs, and gives the very same node where none changes', () => {
    const before = nodeWithGraphs();
    expect(mapSubgraphs(before, (graph) => graph)).to.equal(before);
    const after = mapSubgraphs(before, (graph) => (graph.name === 'second' ? graphOf('changed') : graph));
    expect(subgraphsOf(after).map(({ graph }) => graph.name)).to.deep.equal(['then', 'first', 'changed']);
    expect(after.attribute[0]).to.equal(before.attribute[0]);
    expect(after.attribute[1]).to.equal(before.attribute[1]);
    expect(subgraphsOf(before).map(({ graph }) => graph.name)).to.deep.equal(['then', 'first', 'second']);
  });
});
