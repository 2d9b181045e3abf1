import { expect } from 'chai';
import { instantiate } from '../../src/graph/instantiate.ts';
import { AttributeType, makeAttribute, makeNode, subgraphsOf } from '../../src/onnx/attributes.ts';
import { Names } from '../../src/onnx/names.ts';
import {
  type AttributeProto,
  create,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
} from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

const info = (name: string) => create('ValueInfoProto', { name });
const words = (text: string) => (text === '' ? [] : text.split(' '));
const node = (op: string, input: string, output: string, name = '') => makeNode(op, words(input), words(output), name);

function functionOf(input: string, output: string, nodes: readonly NodeProto[], more: Partial<FunctionProto> = {}) {
  return create('FunctionProto', { name: 'F', input: words(input), output: words(output), node: nodes, ...more });
}

/** Nodes of a call, in a graph that has some names already. */
function nodesOf(it: FunctionProto, call: NodeProto, values: readonly string[] = [], nodes: readonly string[] = []) {
  return instantiate(it, call, {
    values: new Names([...call.input, ...call.output, ...values]),
    nodes: new Names(nodes),
  });
}

/** `Op(inputs) → outputs` of each node. */
const written = (nodes: readonly NodeProto[]) =>
  nodes.map(({ opType, input, output }) => `${opType}(${input.join(', ')}) → ${output.join(', ')}`);

const reference = (name: string, to: string, type: number = AttributeType.INT): AttributeProto =>
  create('AttributeProto', { name, refAttrName: to, type });

const withAttributes = (it: NodeProto, ...attribute: readonly AttributeProto[]): NodeProto => ({ ...it, attribute });

const holding = (it: NodeProto, g: GraphProto): NodeProto =>
  withAttributes(it, create('AttributeProto', { name: 'body', type: AttributeType.GRAPH, g }));

describe('graph/instantiate', () => {
  const mulAdd = functionOf('a b c', 'y', [node('Mul', 'a b', 't', 'mul'), node('Add', 't c', 'y')]);

  it('1. inputs and outputs are the call’s; inner values and nodes are named after the call', () => {
    const nodes = nodesOf(mulAdd, node('F', 'p q r', 'out', 'call'));
    expect(written(nodes)).to.deep.equal(['Mul(p, q) → call/t', 'Add(call/t, r) → out']);
    expect(nodes.map(({ name }) => name)).to.deep.equal(['call/mul', 'call/Add']);
  });

  it('names that the graph has are not taken again, nor those of another call', () => {
    const names = { values: new Names(['call/t']), nodes: new Names(['call/mul']) };
    const [first] = instantiate(mulAdd, node('F', 'p q r', 'out', 'call'), names);
    expect(first).to.deep.include({ output: ['call/t_2'], name: 'call/mul_2' });
    const [second] = instantiate(mulAdd, node('F', 'p q r', 'out2', 'call'), names);
    expect(second).to.deep.include({ output: ['call/t_3'], name: 'call/mul_3' });
  });

  it('a call without a name lends that of its output', () => {
    expect(written(nodesOf(mulAdd, node('F', 'p q r', 'out')))[0]).to.equal('Mul(p, q) → out/t');
    expect(written(nodesOf(mulAdd, { ...node('F', 'p q r', ''), output: [''] }))[0]).to.equal('Mul(p, q) → F/t');
  });

  it('1. inputs that the call leaves out are left out, at the end and in the middle', () => {
    expect(written(nodesOf(mulAdd, node('F', 'p q', 'out', 'c')))).to.deep.equal([
      'Mul(p, q) → c/t',
      'Add(c/t, ) → out',
    ]);
    const gap = { ...node('F', '', 'out', 'c'), input: ['p', '', 'r'] };
    expect(written(nodesOf(mulAdd, gap))).to.deep.equal(['Mul(p, ) → c/t', 'Add(c/t, r) → out']);
  });

  it('one value may be several inputs', () => {
    expect(written(nodesOf(mulAdd, node('F', 'p p p', 'out', 'c')))).to.deep.equal([
      'Mul(p, p) → c/t',
      'Add(c/t, p) → out',
    ]);
  });

  it('outputs that the call leaves out get names of their own', () => {
    const two = functionOf('x', 'y z', [node('Split', 'x', 'y z')]);
    expect(written(nodesOf(two, node('F', 'p', 'out', 'c')))).to.deep.equal(['Split(p) → out, c/z']);
    const second = { ...node('F', 'p', '', 'c'), output: ['', 'out'] };
    expect(written(nodesOf(two, second))).to.deep.equal(['Split(p) → c/y, out']);
  });

  it('2. an output that is an input, or another output, is passed on', () => {
    const passing = functionOf('x', 'x y y', [node('Relu', 'x', 'y')]);
    expect(written(nodesOf(passing, node('F', 'p', 'a b c', 'f')))).to.deep.equal([
      'Relu(p) → b',
      'Identity(p) → a',
      'Identity(b) → c',
    ]);
  });

  it('2. an output that other nodes of the body read keeps the call’s name for them', () => {
    const read = functionOf('x', 'y', [node('Relu', 'x', 'y'), node('Abs', 'y', 'z')]);
    expect(written(nodesOf(read, node('F', 'p', 'out', 'c')))).to.deep.equal(['Relu(p) → out', 'Abs(out) → c/z']);
  });

  it('3. attributes: the call’s value, else the default, else none; other attributes stay', () => {
    const body = withAttributes(
      node('Op', 'x', 'y'),
      reference('axis', 'at'),
      reference('keepdims', 'keep'),
      reference('mode', 'none'),
      makeAttribute('fixed', 3),
    );
    const it = functionOf('x', 'y', [body], { attributeProto: [makeAttribute('keep', 1), makeAttribute('at', 9)] });
    const [made] = nodesOf(it, withAttributes(node('F', 'p', 'out'), makeAttribute('at', -1)));
    expect(made?.attribute.map(({ name, i, refAttrName }) => [name, i, refAttrName])).to.deep.equal([
      ['axis', -1, ''],
      ['keepdims', 1, ''],
      ['fixed', 3, ''],
    ]);
  });

  it('3. attributes of nodes in subgraphs are bound too', () => {
    const inner = create('GraphProto', {
      node: [withAttributes(node('Op', 'x', 'r'), reference('axis', 'at'))],
      output: [info('r')],
    });
    const it = functionOf('x', 'y', [holding(node('Loop', 'x', 'y'), inner)]);
    const [made] = nodesOf(it, withAttributes(node('F', 'p', 'out', 'c'), makeAttribute('at', 4)));
    const [subgraph] = made === undefined ? [] : subgraphsOf(made);
    expect(subgraph?.graph.node[0]?.attribute).to.deep.equal([makeAttribute('axis', 4)]);
  });

  it('3. a graph that the call gives as an attribute keeps the names of the caller', () => {
    const it = functionOf('x', 'y', [
      withAttributes(node('Loop', 'x', 'y'), reference('body', 'b', AttributeType.GRAPH)),
    ]);
    const given = create('GraphProto', { node: [node('Relu', 't', 'r')], output: [info('r')] });
    const attribute = create('AttributeProto', { name: 'b', type: AttributeType.GRAPH, g: given });
    const [made] = nodesOf(it, withAttributes(node('F', 'p', 'out', 'c'), attribute));
    expect(made?.attribute[0]).to.deep.include({ name: 'body', g: given });
  });

  describe('4. subgraphs of the body', () => {
    const inner = create('GraphProto', {
      name: 'inner',
      input: [info('i')],
      initializer: [makeTensor('w', 1, [1], [0])],
      sparseInitializer: [create('SparseTensorProto', { values: makeTensor('s', 1, [1], [0]) })],
      valueInfo: [info('m')],
      node: [node('Mul', 'x w', 'm'), node('Sum', 'i m t s', 'o', 'sum')],
      output: [info('o'), info('t')],
      quantizationAnnotation: [
        create('TensorAnnotation', {
          tensorName: 'm',
          quantParameterTensorNames: [create('StringStringEntryProto', { key: 'SCALE_TENSOR', value: 'w' })],
        }),
      ],
    });
    const it_ = functionOf('x', 'y', [node('Relu', 'x', 't'), holding(node('Loop', 'x', 'y'), inner)]);

    it('capture what is around them, under its new name', () => {
      const [, made] = nodesOf(it_, node('F', 'p', 'out', 'c'));
      const [subgraph] = made === undefined ? [] : subgraphsOf(made);
      const graph = subgraph?.graph as GraphProto;
      expect(written(graph.node)).to.deep.equal(['Mul(p, c/w) → c/m', 'Sum(c/i, c/m, c/t, c/s) → c/o']);
      expect(graph.input.map(({ name }) => name)).to.deep.equal(['c/i']);
      expect(graph.initializer.map(({ name }) => name)).to.deep.equal(['c/w']);
      expect(graph.sparseInitializer.map(({ values }) => values?.name)).to.deep.equal(['c/s']);
      expect(graph.valueInfo.map(({ name }) => name)).to.deep.equal(['c/m']);
      expect(graph.output.map(({ name }) => name)).to.deep.equal(['c/o', 'c/t']);
      expect(graph.quantizationAnnotation[0]?.tensorName).to.equal('c/m');
      expect(graph.quantizationAnnotation[0]?.quantParameterTensorNames[0]?.value).to.equal('c/w');
      expect(graph.node.map(({ name }) => name)).to.deep.equal(['c/Mul', 'c/sum']);
    });

    it('hide what is around them where they define its name', () => {
      // The body's input x is hidden by the subgraph's own x; y, the other input, is the same value outside.
      const hiding = create('GraphProto', {
        input: [info('x')],
        node: [node('Add', 'x y', 'r')],
        output: [info('r')],
      });
      const hidden = functionOf('x y', 'z', [holding(node('Scan', 'x', 'z'), hiding), node('Abs', 'x', 'a')]);
      const [made, after] = nodesOf(hidden, node('F', 'p p', 'out', 'c'));
      const [subgraph] = made === undefined ? [] : subgraphsOf(made);
      expect(subgraph?.graph.input[0]?.name).to.equal('c/x');
      expect(written(subgraph?.graph.node ?? [])).to.deep.equal(['Add(c/x, p) → c/r']);
      expect(written(after === undefined ? [] : [after])).to.deep.equal(['Abs(p) → c/a']);
    });

    it('that use the same names side by side get names of their own', () => {
      const branch = create('GraphProto', { node: [node('Relu', 'x', 'r')], output: [info('r')] });
      const both = ['then_branch', 'else_branch'].map((name) =>
        create('AttributeProto', { name, type: AttributeType.GRAPH, g: branch }),
      );
      const [made] = nodesOf(
        functionOf('x', 'y', [withAttributes(node('If', 'x', 'y'), ...both)]),
        node('F', 'p', 'o', 'c'),
      );
      const outputs = subgraphsOf(made as NodeProto).map(({ graph }) => graph.output[0]?.name);
      expect(outputs).to.deep.equal(['c/r', 'c/r_2']);
      expect(subgraphsOf(made as NodeProto).map(({ graph }) => graph.node[0]?.output[0])).to.deep.equal(outputs);
    });
  });

  it('does not change the function or the call', () => {
    const call = node('F', 'p q r', 'out', 'call');
    const before = JSON.stringify([mulAdd, call]);
    nodesOf(mulAdd, call);
    expect(JSON.stringify([mulAdd, call])).to.equal(before);
  });
});
