import { expect } from 'chai';
import { FIXTURES } from '../../fixtures/index.ts';
import { applyEdit } from '../../src/graph/edit.ts';
import type { Patch } from '../../src/graph/patch.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { create, type GraphProto, type NodeProto, type TensorProto } from '../../src/onnx/schema.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';
import { makeValueInfo } from '../../src/onnx/value-type.ts';

const info = (name: string) => create('ValueInfoProto', { name });
const weight = (name: string, dims: readonly number[] = [1]) =>
  makeTensor(name, DataType.FLOAT, dims, new Float64Array(dims.reduce((product, dim) => product * dim, 1)));
const sparse = (name: string) => create('SparseTensorProto', { values: weight(name) });
const node = (op: string, input: string, output: string) =>
  makeNode(op, input === '' ? [] : input.split(' '), output.split(' '), `${op} ${output}`);
const graphOf = (graph: Partial<GraphProto>): GraphProto => create('GraphProto', graph);

function holding(outer: NodeProto, ...graphs: readonly GraphProto[]): NodeProto {
  const attribute = graphs.map((g, index) => create('AttributeProto', { name: `branch${index}`, type: 5, g }));
  return { ...outer, attribute };
}

/** An edit that does nothing, with what is given. */
function editOf(edit: Partial<Patch> & { readonly old?: NodeProto; readonly by?: readonly NodeProto[] }): Patch {
  const { old, by = [], ...rest } = edit;
  return {
    replace: old === undefined ? new Map() : new Map([[old, by]]),
    prepend: new Map(),
    addInitializers: new Map(),
    redefined: new Set(),
    listAsInput: () => false,
    ...rest,
  };
}

const namesOf = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
const outputsOf = (graph: GraphProto) => graph.node.map(({ output }) => output.join(' '));
const branch = (graph: GraphProto, index: number, at = 0) => graph.node[index]?.attribute[at]?.g as GraphProto;

/** x → Norm(x, g, b) → y → Relu → z */
function small(more: Partial<GraphProto> = {}) {
  const norm = node('Norm', 'x g b', 'y');
  const graph = graphOf({
    input: [info('x')],
    initializer: [weight('g'), weight('b')],
    node: [norm, node('Relu', 'y', 'z')],
    output: [info('z')],
    ...more,
  });
  return { norm, graph };
}

describe('graph/edit', () => {
  it('an edit that changes nothing gives the very same graph', () => {
    const { graph } = small();
    expect(applyEdit(graph, editOf({}))).to.equal(graph);
    for (const fixture of FIXTURES) {
      const { proto } = fixture.build();
      expect(applyEdit(proto.graph, editOf({})), fixture.name).to.equal(proto.graph);
    }
  });

  it('puts nodes in the place of another, in order, and leaves the others as they are', () => {
    const { norm, graph } = small();
    const by = [node('Sub', 'x m', 'd'), node('Mul', 'd g', 'y')];
    const after = applyEdit(graph, editOf({ old: norm, by }));
    expect(graph.node.length).to.equal(2);
    expect(after.node).to.deep.equal([...by, graph.node[1]]);
    expect(after.node[2]).to.equal(graph.node[1]);
    expect(after.node[0]).to.equal(by[0]);
  });

  it('replaces one node in a subgraph of a subgraph, and only what is around it is new', () => {
    const old = node('Norm', 'x g', 'y');
    const inner = graphOf({ initializer: [weight('g')], node: [old], output: [info('y')] });
    const other = graphOf({ node: [node('Relu', 'x', 'r')], output: [info('r')] });
    const middle = graphOf({ node: [holding(node('If', 'c', 'i'), inner, other)], output: [info('i')] });
    const graph = graphOf({
      input: [info('x'), info('c')],
      node: [node('Abs', 'x', 'a'), holding(node('Loop', 'c', 'l'), middle)],
      output: [info('l')],
    });
    const after = applyEdit(graph, editOf({ old, by: [node('Group', 'x', 'y')] }));
    const changed = branch(branch(after, 1), 0);
    expect(outputsOf(changed)).to.deep.equal(['y']);
    expect(changed.node[0]?.opType).to.equal('Group');
    expect(changed.initializer).to.be.empty;
    expect(branch(branch(after, 1), 0, 1)).to.equal(other);
    expect(after.node[0]).to.equal(graph.node[0]);
    expect(branch(branch(graph, 1), 0)).to.equal(inner);
  });

  it('adds initializers behind those there are, nodes before those there are, also in a subgraph', () => {
    const inner = graphOf({ initializer: [weight('old')], node: [node('Relu', 'old', 'r')], output: [info('r')] });
    const graph = graphOf({ node: [holding(node('If', 'c', 'i'), inner)], input: [info('c')], output: [info('i')] });
    const constant = node('Constant', '', 'k');
    const after = applyEdit(
      graph,
      editOf({
        prepend: new Map([[inner, [constant]]]),
        addInitializers: new Map([
          [inner, [weight('new')]],
          [graph, [weight('outer')]],
        ]),
      }),
    );
    expect(namesOf(after.initializer)).to.deep.equal(['outer']);
    expect(namesOf(branch(after, 0).initializer)).to.deep.equal(['old', 'new']);
    expect(outputsOf(branch(after, 0))).to.deep.equal(['k', 'r']);
    expect(after.input).to.deep.equal(graph.input);
  });

  describe('what only the replaced node used goes', () => {
    it('initializers, dense and sparse', () => {
      const { norm, graph } = small({ initializer: [weight('g')], sparseInitializer: [sparse('b')] });
      const after = applyEdit(graph, editOf({ old: norm, by: [node('Group', 'x', 'y')] }));
      expect(after.initializer).to.be.empty;
      expect(after.sparseInitializer).to.be.empty;
    });

    it('not what the new nodes use, another node uses, a subgraph captures, or the graph returns', () => {
      const inner = graphOf({ node: [node('Relu', 'captured', 'r')], output: [info('r')] });
      const old = node('Norm', 'x kept shared captured returned gone', 'y');
      const graph = graphOf({
        input: [info('x'), info('c')],
        initializer: ['kept', 'shared', 'captured', 'returned', 'gone'].map((name) => weight(name)),
        node: [old, node('Abs', 'shared', 'a'), holding(node('If', 'c', 'i'), inner)],
        output: [info('y'), info('a'), info('i'), info('returned')],
      });
      const after = applyEdit(graph, editOf({ old, by: [node('Group', 'x kept', 'y')] }));
      expect(namesOf(after.initializer)).to.deep.equal(['kept', 'shared', 'captured', 'returned']);
    });

    it('the nodes that made it, and what they were made of, and so on', () => {
      const old = node('Norm', 'x g', 'y');
      const graph = graphOf({
        input: [info('x')],
        initializer: [weight('w'), weight('v')],
        node: [
          node('Constant', '', 'k'),
          node('Mul', 'w k', 'm'),
          node('Identity', 'm', 'g'),
          node('Add', 'm v', 'used'),
          old,
          node('Exp', 'used', 'e'),
        ],
        output: [info('y'), info('e')],
        valueInfo: ['k', 'm', 'g', 'used'].map(info),
      });
      const by = [node('Group', 'x', 'y')];
      const partly = applyEdit(graph, editOf({ old, by }));
      expect(outputsOf(partly)).to.deep.equal(['k', 'm', 'used', 'y', 'e']);
      expect(namesOf(partly.valueInfo)).to.deep.equal(['k', 'm', 'used']);
      // Without the other reader of m, all of it goes.
      const alone = graphOf({ ...graph, node: graph.node.filter(({ output }) => !/used|e/.test(output[0] ?? '')) });
      const after = applyEdit({ ...alone, output: [info('y')] }, editOf({ old, by }));
      expect(outputsOf(after)).to.deep.equal(['y']);
      expect(namesOf(after.initializer)).to.deep.equal(['v']);
      expect(namesOf(after.valueInfo)).to.deep.equal(['used']);
    });

    it('not a node of several outputs of which one is still used', () => {
      const old = node('Norm', 'x one', 'y');
      const more = { input: [info('x')], initializer: [weight('w')] };
      const split = node('Split', 'w', 'one two');
      const by = [node('Group', 'x', 'y')];
      const used = graphOf({ ...more, node: [split, old], output: [info('y'), info('two')] });
      expect(outputsOf(applyEdit(used, editOf({ old, by })))).to.deep.equal(['one two', 'y']);
      const unused = graphOf({ ...more, node: [split, old], output: [info('y')] });
      const after = applyEdit(unused, editOf({ old, by }));
      expect(outputsOf(after)).to.deep.equal(['y']);
      expect(after.initializer).to.be.empty;
    });

    it('a node with subgraphs, and all that those captured, as often as they did', () => {
      const old = node('Norm', 'x g', 'y');
      const inner = graphOf({
        initializer: [weight('own')],
        node: [node('Mul', 'w w', 'a'), node('Add', 'a own', 'b'), node('Sub', 'b w', 'c')],
        output: [info('c'), info('v')],
      });
      const graph = graphOf({
        input: [info('x')],
        initializer: [weight('w'), weight('v'), weight('trip')],
        node: [holding(node('Loop', 'trip', 'g'), inner), old],
        output: [info('y')],
      });
      const after = applyEdit(graph, editOf({ old, by: [node('Group', 'x', 'y')] }));
      expect(outputsOf(after)).to.deep.equal(['y']);
      expect(after.initializer).to.be.empty;
    });

    it('what a replaced node with subgraphs captured', () => {
      const inner = graphOf({ node: [node('Mul', 'x w', 'm')], output: [info('m')] });
      const old = holding(node('If', 'c', 'y'), inner);
      const graph = graphOf({
        input: [info('x'), info('c')],
        initializer: [weight('w')],
        node: [old],
        output: [info('y')],
      });
      const after = applyEdit(graph, editOf({ old, by: [node('Relu', 'x', 'y')] }));
      expect(after.initializer).to.be.empty;
      expect(namesOf(after.input)).to.deep.equal(['x', 'c']);
    });

    it('what is replaced inside of what goes, as it was and as it would have become', () => {
      const [inside, outside] = [node('Norm', 'x g w', 'n'), node('Norm', 'x i b', 'y')];
      const inner = graphOf({ node: [inside], output: [info('n')] });
      const holder = holding(node('If', 'c', 'i'), inner);
      const graph = graphOf({
        input: [info('x'), info('c')],
        initializer: ['g', 'w', 'b', 'kept'].map((name) => weight(name)),
        node: [holder, outside, node('Relu', 'w', 'r'), node('Abs', 'kept', 'a')],
        output: [info('y'), info('r'), info('a')],
      });
      const steps: readonly (readonly [NodeProto, readonly NodeProto[]])[] = [
        [inside, [node('Group', 'x g kept', 'n')]],
        [outside, [node('Group', 'x', 'y')]],
      ];
      for (const order of [steps, [...steps].reverse()]) {
        const after = applyEdit(graph, editOf({ replace: new Map(order) }));
        expect(outputsOf(after)).to.deep.equal(['y', 'r', 'a']);
        expect(namesOf(after.initializer)).to.deep.equal(['w', 'kept']);
      }
      const both = new Map([...steps, [holder, [node('Identity', 'x', 'i')]] as const]);
      const replaced = applyEdit(graph, editOf({ replace: both }));
      expect(outputsOf(replaced)).to.deep.equal(['i', 'y', 'r', 'a']);
      expect(namesOf(replaced.initializer)).to.deep.equal(['w', 'kept']);
    });

    it('value_info of outputs that has no producer any more', () => {
      const old = node('Norm', 'x g', 'y mean variance');
      const graph = graphOf({
        input: [info('x')],
        initializer: [weight('g')],
        node: [old],
        output: [info('y')],
        valueInfo: ['mean', 'variance', 'y'].map(info),
      });
      const after = applyEdit(graph, editOf({ old, by: [node('Group', 'x g', 'y')] }));
      expect(namesOf(after.valueInfo)).to.deep.equal(['y']);
      expect(namesOf(after.initializer)).to.deep.equal(['g']);
    });

    it('what two replaced nodes shared', () => {
      const [one, other] = [node('Norm', 'x g', 'y'), node('Norm', 'y g', 'z')];
      const graph = graphOf({
        input: [info('x')],
        initializer: [weight('g')],
        node: [one, other],
        output: [info('z')],
      });
      const first = editOf({ replace: new Map([[one, [node('Group', 'x', 'y')]]]) });
      expect(namesOf(applyEdit(graph, first).initializer)).to.deep.equal(['g']);
      const replace = new Map([
        [one, [node('Group', 'x', 'y')]],
        [other, [node('Group', 'y', 'z')]],
      ]);
      expect(applyEdit(graph, editOf({ replace })).initializer).to.be.empty;
    });
  });

  describe('what was unused before stays', () => {
    it('initializers, nodes and value_info that nothing read', () => {
      const { norm, graph } = small({
        initializer: [weight('g'), weight('b'), weight('unused')],
        sparseInitializer: [sparse('unused sparse')],
        valueInfo: [info('unused')],
      });
      const dead = [node('Relu', 'unused', 'dead'), node('Constant', '', 'dead constant')];
      const before = { ...graph, node: [...graph.node, ...dead] };
      const after = applyEdit(before, editOf({ old: norm, by: [node('Group', 'x', 'y')] }));
      expect(namesOf(after.initializer)).to.deep.equal(['unused']);
      expect(after.sparseInitializer).to.deep.equal(graph.sparseInitializer);
      expect(outputsOf(after)).to.deep.equal(['y', 'z', 'dead', 'dead constant']);
      expect(namesOf(after.valueInfo)).to.deep.equal(['unused']);
    });

    it('a value that bears the name of one that goes, in another graph', () => {
      const old = node('Norm', 'x g', 'y');
      const used = graphOf({ initializer: [weight('g')], node: [node('Relu', 'g', 'r')], output: [info('r')] });
      const unused = graphOf({ initializer: [weight('g')], node: [node('Relu', 'x', 'r')], output: [info('r')] });
      const own = graphOf({ initializer: [weight('g')], node: [old], output: [info('y')], valueInfo: [info('g')] });
      const graph = graphOf({
        input: [info('x'), info('c')],
        node: [holding(node('If', 'c', 'i'), own, used), holding(node('If', 'c', 'j'), unused)],
        output: [info('i'), info('j')],
      });
      const after = applyEdit(graph, editOf({ old, by: [node('Group', 'x', 'y')] }));
      expect(branch(after, 0).initializer).to.be.empty;
      expect(branch(after, 0).valueInfo).to.be.empty;
      expect(branch(after, 0, 1)).to.equal(used);
      expect(branch(after, 1)).to.equal(unused);
    });
  });

  it('branches that use one name each for their own lose each their own', () => {
    const norms = [node('Norm', 'x k', 'y'), node('Norm', 'x k', 'y')];
    const branches = norms.map((it) => graphOf({ node: [node('Constant', '', 'k'), it], output: [info('y')] }));
    const graph = graphOf({
      input: [info('x'), info('c')],
      node: [holding(node('If', 'c', 'i'), ...branches)],
      output: [info('i')],
    });
    const replace = new Map(norms.map((it) => [it, [node('Group', 'x', 'y')]]));
    const after = applyEdit(graph, editOf({ replace }));
    for (const at of [0, 1]) expect(outputsOf(branch(after, 0, at))).to.deep.equal(['y']);
  });

  it('one subgraph that stands at two places gives back what it captured at both', () => {
    const shared = graphOf({ node: [node('Mul', 'x w', 'm')], output: [info('m')] });
    const old = node('Norm', 'x i', 'y');
    const graph = graphOf({
      input: [info('x'), info('c')],
      initializer: [weight('w')],
      node: [holding(node('If', 'c', 'i'), shared, shared), old],
      output: [info('y')],
    });
    const after = applyEdit(graph, editOf({ old, by: [node('Group', 'x', 'y')] }));
    expect(outputsOf(after)).to.deep.equal(['y']);
    expect(after.initializer).to.be.empty;
  });

  it('states the types that are given, behind those that stay', () => {
    const { norm, graph } = small({ valueInfo: [info('y'), info('g')] });
    const added = makeValueInfo('d', DataType.FLOAT, [2, undefined]);
    const edit = editOf({
      old: norm,
      by: [node('Sub', 'x b', 'd'), node('Relu', 'd', 'y')],
      addValueInfo: new Map([[graph, [added]]]),
    });
    expect(applyEdit(graph, edit).valueInfo).to.deep.equal([info('y'), added]);
  });

  it('a name hidden by a subgraph is not what the subgraph reads', () => {
    const old = node('Norm', 'x w', 'y');
    const inner = graphOf({ initializer: [weight('w')], node: [node('Relu', 'w', 'r')], output: [info('r')] });
    const graph = graphOf({
      input: [info('x'), info('c')],
      initializer: [weight('w')],
      node: [old, holding(node('If', 'c', 'i'), inner)],
      output: [info('y'), info('i')],
    });
    const after = applyEdit(graph, editOf({ old, by: [node('Group', 'x', 'y')] }));
    expect(after.initializer).to.be.empty;
    expect(branch(after, 1)).to.equal(inner);
  });

  describe('inputs', () => {
    const listed = (names: string) => names.split(' ').map(info);

    it('one that an initializer backs goes with it; the caller’s own stay, used or not', () => {
      const { norm, graph } = small({ input: listed('x g b idle') });
      const before = { ...graph, initializer: [weight('g'), weight('idle')] };
      const after = applyEdit(before, editOf({ old: norm, by: [node('Group', 'x', 'y')] }));
      expect(namesOf(after.input)).to.deep.equal(['x', 'b', 'idle']);
      expect(namesOf(after.initializer)).to.deep.equal(['idle']);
    });

    it('added initializers are listed where asked for, with their type and shape', () => {
      const { norm, graph } = small({ input: listed('x g b') });
      const added = [weight('g2', [2, 3]), weight('constant')];
      const edit = editOf({
        old: norm,
        by: [node('Group', 'x g2 constant', 'y')],
        addInitializers: new Map([[graph, added]]),
        listAsInput: ({ name }: TensorProto) => name === 'g2',
      });
      const after = applyEdit(graph, edit);
      expect(namesOf(after.input)).to.deep.equal(['x', 'g2']);
      const { tensorType } = after.input[1]?.type ?? {};
      expect(tensorType?.elemType).to.equal(DataType.FLOAT);
      expect(tensorType?.shape?.dim.map(({ dimValue }) => dimValue)).to.deep.equal([2, 3]);
      expect(namesOf(after.initializer)).to.deep.equal(['g2', 'constant']);
    });

    it('one that takes the name of a listed one is listed in its place', () => {
      const { norm, graph } = small({ input: listed('x g b') });
      const fresh = weight('g', [4]);
      const edit = editOf({
        old: norm,
        by: [node('Group', 'x g', 'y')],
        addInitializers: new Map([[graph, [fresh]]]),
        redefined: new Set(['g']),
      });
      const after = applyEdit(graph, edit);
      expect(namesOf(after.input)).to.deep.equal(['x', 'g']);
      expect(after.input[1]?.type?.tensorType?.shape?.dim[0]?.dimValue).to.equal(4);
      expect(after.initializer).to.deep.equal([fresh]);
    });

    it('those of a subgraph are its operator’s, and stay', () => {
      const old = node('Norm', 'x g', 'y');
      const body = graphOf({ input: listed('x g'), initializer: [weight('g')], node: [old], output: [info('y')] });
      const graph = graphOf({ input: listed('n'), node: [holding(node('Loop', 'n', 'l'), body)], output: [info('l')] });
      const edit = editOf({
        old,
        by: [node('Group', 'x h', 'y')],
        addInitializers: new Map([[body, [weight('h')]]]),
        listAsInput: () => true,
      });
      const after = branch(applyEdit(graph, edit), 0);
      expect(namesOf(after.input)).to.deep.equal(['x', 'g']);
      expect(namesOf(after.initializer)).to.deep.equal(['h']);
    });
  });

  describe('a name that is defined anew', () => {
    it('loses its initializer', () => {
      const { norm, graph } = small();
      const fresh = weight('g', [3]);
      const edit = editOf({
        old: norm,
        by: [node('Group', 'x g b', 'y')],
        addInitializers: new Map([[graph, [fresh]]]),
        redefined: new Set(['g']),
      });
      expect(applyEdit(graph, edit).initializer).to.deep.equal([graph.initializer[1], fresh]);
    });

    it('loses the node that made it, and what only that used', () => {
      const old = node('Norm', 'x g', 'y');
      const graph = graphOf({
        input: [info('x')],
        initializer: [weight('w')],
        node: [node('Identity', 'w', 'g'), old],
        output: [info('y')],
      });
      const fresh = weight('g');
      const edit = editOf({
        old,
        by: [node('Group', 'x g', 'y')],
        addInitializers: new Map([[graph, [fresh]]]),
        redefined: new Set(['g']),
      });
      const after = applyEdit(graph, edit);
      expect(outputsOf(after)).to.deep.equal(['y']);
      expect(after.initializer).to.deep.equal([fresh]);
    });

    it('in a subgraph, loses the one of the graph around it that it stood for, and no other', () => {
      const old = node('Norm', 'x g', 'y');
      const inner = graphOf({ node: [old], output: [info('y')] });
      const sibling = graphOf({ initializer: [weight('g')], node: [node('Relu', 'g', 'r')], output: [info('r')] });
      const graph = graphOf({
        input: [info('x'), info('c')],
        initializer: [weight('g')],
        node: [holding(node('If', 'c', 'i'), inner, sibling)],
        output: [info('i')],
      });
      const fresh = weight('g');
      const edit = editOf({
        old,
        by: [node('Group', 'x g', 'y')],
        addInitializers: new Map([[inner, [fresh]]]),
        redefined: new Set(['g']),
      });
      const after = applyEdit(graph, edit);
      expect(after.initializer).to.be.empty;
      expect(branch(after, 0).initializer).to.deep.equal([fresh]);
      expect(branch(after, 0, 1)).to.equal(sibling);
    });
  });

  it('graphs that go round in a circle come to an end', () => {
    const old = node('Norm', 'x a', 'y');
    const graph = graphOf({
      input: [info('x')],
      node: [node('Identity', 'b', 'a'), node('Identity', 'a', 'b'), old],
      output: [info('y')],
    });
    const after = applyEdit(graph, editOf({ old, by: [node('Group', 'x', 'y')] }));
    // Each of the two still reads the other.
    expect(outputsOf(after)).to.deep.equal(['a', 'b', 'y']);
  });

  it('a chain of 100,000 nodes before a replaced one goes; 100,000 nodes are replaced at once', () => {
    const count = 100_000;
    const chain = Array.from({ length: count }, (_, i) => node('Identity', `v${i}`, `v${i + 1}`));
    const old = node('Norm', `x v${count}`, 'y');
    const graph = graphOf({
      input: [info('x')],
      initializer: [weight('v0')],
      node: [...chain, old],
      output: [info('y')],
    });
    const short = applyEdit(graph, editOf({ old, by: [node('Group', 'x', 'y')] }));
    expect(outputsOf(short)).to.deep.equal(['y']);
    expect(short.initializer).to.be.empty;
    const replace = new Map(chain.map((it) => [it, [{ ...it, opType: 'Relu' }]]));
    const replaced = applyEdit(graph, editOf({ replace }));
    expect(replaced.node.length).to.equal(count + 1);
    expect(new Set(replaced.node.map(({ opType }) => opType))).to.deep.equal(new Set(['Relu', 'Norm']));
  });

  it('a node that reads 200,000 values, and a subgraph that captures as many, are no trouble', () => {
    const names = Array.from({ length: 200_000 }, (_, i) => `w${i}`);
    const old = makeNode('Norm', [...names, 'i'], ['y'], '');
    const inner = graphOf({ node: [makeNode('Sum', names, ['s'], '')], output: [info('s')] });
    const graph = graphOf({
      input: [info('c')],
      initializer: names.map((name) => weight(name)),
      node: [holding(node('If', 'c', 'i'), inner), old],
      output: [info('y')],
    });
    const after = applyEdit(graph, editOf({ old, by: [node('Constant', '', 'y')] }));
    expect(after.initializer).to.be.empty;
    expect(outputsOf(after)).to.deep.equal(['y']);
  });
});
