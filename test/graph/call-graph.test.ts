import { expect } from 'chai';
import { CallGraph } from '../../src/graph/call-graph.ts';
import { makeNode } from '../../src/onnx/attributes.ts';
import { create, type FunctionProto, type NodeProto } from '../../src/onnx/schema.ts';

const call = (name: string, domain = 'local', overload = ''): NodeProto => ({
  ...makeNode(name, ['x'], ['y'], ''),
  domain,
  overload,
});

const calling = (name: string, ...nodes: readonly NodeProto[]): FunctionProto =>
  create('FunctionProto', { name, domain: 'local', node: nodes });

/** A node that holds others in a subgraph. */
function around(...nodes: readonly NodeProto[]): NodeProto {
  const attribute = create('AttributeProto', { name: 'body', g: create('GraphProto', { node: nodes }) });
  return { ...makeNode('Loop', [], [], ''), attribute: [attribute] };
}

const namesOf = (functions: Iterable<FunctionProto>) => [...functions].map(({ name }) => name);

describe('graph/call-graph', () => {
  const leaf = calling('Leaf', makeNode('Norm', ['x'], ['y'], ''));
  const middle = calling('Middle', call('Leaf'), around(call('Leaf')), call('Plain'));
  const outer = calling('Outer', call('Middle'), call('Middle'));
  const plain = calling('Plain', makeNode('Relu', ['x'], ['y'], ''));
  const all = [outer, middle, leaf, plain];
  const calls = new CallGraph(all);

  it('finds a function by domain, name and overload; the standard domain has two names', () => {
    const a = create('FunctionProto', { name: 'F', domain: 'ai.onnx', overload: 'a' });
    const graph = new CallGraph([a, leaf]);
    expect(graph.callee(call('F', '', 'a'))).to.equal(a);
    expect(graph.callee(call('F', 'ai.onnx', 'a'))).to.equal(a);
    expect(graph.callee(call('F', '', 'b'))).to.equal(undefined);
    expect(graph.callee(call('F', 'local', 'a'))).to.equal(undefined);
    expect(graph.callee(call('Leaf', 'local'))).to.equal(leaf);
    expect(graph.callee(call('constructor', '__proto__'))).to.equal(undefined);
  });

  it('counts calls, those in subgraphs too', () => {
    expect([...calls.calls(middle)]).to.deep.equal([
      [leaf, 2],
      [plain, 1],
    ]);
    expect([...calls.calls(outer)]).to.deep.equal([[middle, 2]]);
    expect([...calls.calledBy([[call('Plain')], [around(around(call('Plain')))]])]).to.deep.equal([[plain, 2]]);
    expect(calls.calls(calling('Unknown')).size).to.equal(0);
  });

  it('sizes count the nodes of subgraphs', () => {
    expect(calls.size(middle)).to.equal(4);
    expect(calls.size(leaf)).to.equal(1);
  });

  it('reaches what functions call, and themselves', () => {
    expect(namesOf(calls.reachable([outer]))).to.deep.equal(['Outer', 'Middle', 'Leaf', 'Plain']);
    expect(namesOf(calls.reachable([plain]))).to.deep.equal(['Plain']);
  });

  it('finds holders of a node among the given functions, through calls', () => {
    const wanted = ({ opType }: NodeProto) => opType === 'Norm';
    expect(namesOf(calls.holders(wanted, new Set(all)))).to.have.members(['Outer', 'Middle', 'Leaf']);
    expect(namesOf(calls.holders(wanted, new Set([outer, plain])))).to.be.empty;
    const inside = calling('Inside', around(around(makeNode('Norm', [], [], ''))));
    expect(namesOf(new CallGraph([inside]).holders(wanted, new Set([inside])))).to.deep.equal(['Inside']);
  });

  it('puts callees first, and sets apart what goes round in a circle or leads into one', () => {
    const { order, cyclic } = calls.calleesFirst(new Set(all));
    expect(cyclic).to.be.empty;
    expect(order).to.have.members(all);
    for (const it of all) {
      for (const target of calls.calls(it).keys()) expect(order.indexOf(target)).to.be.below(order.indexOf(it));
    }
    const round = [
      calling('A', call('B')),
      calling('B', call('A')),
      calling('Self', call('Self')),
      calling('C', call('A'), call('D')),
      calling('D'),
    ];
    const circle = new CallGraph(round).calleesFirst(new Set(round));
    expect(namesOf(circle.order)).to.deep.equal(['D']);
    expect(namesOf(circle.cyclic)).to.deep.equal(['A', 'B', 'Self', 'C']);
  });

  it('100,000 functions in a chain, and one that 100,000 call, are no trouble', () => {
    const count = 100_000;
    const chain = Array.from({ length: count }, (_, i) => calling(`F${i}`, call(`F${i + 1}`), call('Leaf')));
    const graph = new CallGraph([...chain, leaf]);
    const among = graph.reachable([chain[0] as FunctionProto]);
    expect(among.size).to.equal(count + 1);
    expect(graph.holders(({ opType }) => opType === 'Norm', among).size).to.equal(count + 1);
    const { order, cyclic } = graph.calleesFirst(among);
    expect([order[0], order.at(-1)]).to.deep.equal([leaf, chain[0]]);
    expect(cyclic).to.be.empty;
  });
});
