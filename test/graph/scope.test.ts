import { expect } from 'chai';
import { countUses, definingScope, noteReader, type Scope, scopesOf, valueIn } from '../../src/graph/scope.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { type Model, memoryHome } from '../../src/onnx/model.ts';
import { create, type GraphProto, type NodeProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

const info = (name: string) => create('ValueInfoProto', { name });
const weight = (name: string) => makeTensor(name, 1, [1], [0]);
const graphOf = (graph: Partial<GraphProto>): GraphProto => create('GraphProto', graph);

function modelOf(graph: Partial<GraphProto>): Model {
  return { proto: { ...create('ModelProto', { irVersion: 8 }), graph: graphOf(graph) }, home: memoryHome() };
}

function branching(name: string, thenBranch: GraphProto, elseBranch: GraphProto): NodeProto {
  return {
    ...makeNode('If', ['condition'], [`${name} out`], name),
    attribute: [
      create('AttributeProto', { name: 'then_branch', g: thenBranch }),
      create('AttributeProto', { name: 'else_branch', g: elseBranch }),
    ],
  };
}

/**
 * x, w → If(then: Relu(x) with a weight w of its own, else: If(then: Abs(x), else: Neg(w)))
 */
function nested(): Model {
  const deep = branching(
    '',
    graphOf({ name: 'deep then', node: [makeNode('Abs', ['x'], ['abs'], '')], output: [info('abs')] }),
    graphOf({ name: 'deep else', node: [makeNode('Neg', ['w'], ['neg'], '')], output: [info('neg')] }),
  );
  const outer = branching(
    'If_0',
    graphOf({
      name: 'then',
      initializer: [weight('w')],
      node: [makeNode('Mul', ['x', 'w'], ['product'], '')],
      output: [info('product')],
    }),
    graphOf({ name: 'else', node: [makeNode('Cos', ['x'], ['cos'], ''), deep], output: [info(' out')] }),
  );
  return modelOf({
    input: [info('x'), info('condition')],
    initializer: [weight('w')],
    sparseInitializer: [create('SparseTensorProto', { values: weight('sparse') })],
    node: [outer],
    output: [info('If_0 out')],
  });
}

describe('graph/scope', () => {
  const scopes = scopesOf(nested());
  const at = (path: string) => scopes.find((it) => it.path === path) as Scope;

  it('lists the main graph and every subgraph, outer before inner, with the way to each', () => {
    expect(scopes.map(({ path, graph }) => [path, graph.name])).to.deep.equal([
      ['', ''],
      ['If_0/then_branch', 'then'],
      ['If_0/else_branch', 'else'],
      ['If_0/else_branch/If_1/then_branch', 'deep then'],
      ['If_0/else_branch/If_1/else_branch', 'deep else'],
    ]);
    expect(at('If_0/else_branch/If_1/else_branch').parent).to.equal(at('If_0/else_branch'));
    expect(at('').parent).to.equal(undefined);
  });

  it('tells who makes, stores or is given a value', () => {
    const main = at('');
    expect(main.producers.get('If_0 out')?.opType).to.equal('If');
    expect(main.initializers.get('w')?.name).to.equal('w');
    expect(main.sparseInitializers.get('sparse')?.values?.name).to.equal('sparse');
    expect([...main.values.names()].filter((name) => main.inputs.has(name))).to.deep.equal(['x', 'condition']);
    expect(main.producers.has('product')).to.equal(false);
  });

  it('finds the graph that defines a value: the nearest one that has the name', () => {
    const [then, deep] = [at('If_0/then_branch'), at('If_0/else_branch/If_1/else_branch')];
    expect(definingScope(then, 'w')).to.equal(then);
    expect(definingScope(deep, 'w')).to.equal(at(''));
    expect(definingScope(deep, 'x')).to.equal(at(''));
    expect(definingScope(deep, 'cos')).to.equal(at('If_0/else_branch'));
    expect(definingScope(deep, 'sparse')).to.equal(at(''));
    expect(definingScope(then, 'cos')).to.equal(undefined);
    expect(definingScope(at(''), 'product')).to.equal(undefined);
  });

  it('finds the value that a name means in a graph, and none for a name that is only read or left out', () => {
    const [then, deep] = [at('If_0/then_branch'), at('If_0/else_branch/If_1/else_branch')];
    expect(valueIn(then, 'w')?.graph).to.equal(then.graph);
    expect(valueIn(deep, 'w')).to.equal(at('').values.get('w'));
    expect(valueIn(deep, 'cos')?.producer?.opType).to.equal('Cos');
    for (const name of ['cos', 'nothing', '']) expect(valueIn(then, name), name).to.equal(undefined);
  });

  it('counts readers over all graphs: inputs of nodes, outputs of graphs, captures', () => {
    const uses = countUses(scopesOf(nested()));
    expect(Object.fromEntries(uses)).to.deep.equal({
      condition: 2,
      x: 3,
      w: 2,
      product: 1,
      abs: 1,
      neg: 1,
      ' out': 1,
      'If_0 out': 1,
    });
  });

  it('does not count inputs that are left out', () => {
    const clip = { node: [makeNode('Clip', ['x', '', 'high'], ['y', ''], '')], output: [info('y')] };
    const uses = countUses(scopesOf(modelOf(clip)));
    expect([...uses]).to.deep.equal([
      ['y', 1],
      ['x', 1],
      ['high', 1],
    ]);
  });

  it('100,000 nodes, and 200,000 subgraphs of one node, are no trouble', () => {
    const count = 100_000;
    const node = Array.from({ length: count }, (_, i) => makeNode('Relu', [`v${i}`], [`v${i + 1}`], ''));
    const long = modelOf({ input: [info('v0')], node, output: [info(`v${count}`)] });
    const [scope] = scopesOf(long);
    expect([...(scope?.values.names() ?? [])].filter((name) => scope?.producers.has(name))).to.have.length(count);
    expect(countUses(scopesOf(long)).size).to.equal(count + 1);
    const graphs = new Array<GraphProto>(200_000).fill(graphOf({}));
    const wide = modelOf({ node: [create('NodeProto', { attribute: [create('AttributeProto', { graphs })] })] });
    expect(scopesOf(wide).length).to.equal(200_001);
    expect(countUses(scopesOf(wide)).size).to.equal(0);
  });

  it('notes a node once for each value that it reads, and not for inputs that are left out', () => {
    const readers = new Map();
    const twice = makeNode('Add', ['x', 'x'], ['y'], 'twice');
    const sparing = makeNode('Clip', ['x', '', 'most'], ['z'], 'sparing');
    for (const node of [twice, sparing]) noteReader(readers, node);
    expect([...readers]).to.deep.equal([
      ['x', [twice, sparing]],
      ['most', [sparing]],
    ]);
  });
});
