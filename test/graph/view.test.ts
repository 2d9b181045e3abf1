import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { scopesOf } from '../../src/graph/scope.ts';
import { viewOf } from '../../src/graph/view.ts';

/** x → Relu → Relu → y, the second named as the first. */
function chain() {
  const net = new Net();
  const first = net.node('Relu', [net.input('x', [1, 3])], {}, { name: 'same', outputs: ['middle'] });
  net.node('Relu', [first], {}, { name: 'same', outputs: ['y'] });
  return net.output('y', [1, 3]).model();
}

describe('viewOf', () => {
  it('gives one view per model, with analyses that are made once', () => {
    const model = chain();
    const view = viewOf(model);
    expect(viewOf(model)).to.equal(view);
    expect(viewOf({ ...model })).to.not.equal(view);
    expect(view.scopes).to.equal(view.scopes);
    expect(view.typeOf).to.equal(view.typeOf);
    expect(view.uses).to.equal(view.uses);
    const [main] = view.scopes;
    if (main === undefined) throw new Error('no scope');
    expect(view.in(main)).to.equal(view.in(main));
  });

  it('answers what the single analyses answer', () => {
    const model = chain();
    const view = viewOf(model);
    const [main] = view.scopes;
    if (main === undefined) throw new Error('no scope');
    expect(view.scopes.map(({ path }) => path)).to.deep.equal(scopesOf(model).map(({ path }) => path));
    expect(view.typeOf(main, 'middle').shape).to.deep.equal([1, 3]);
    expect(view.uses.get('middle')).to.equal(1);
    expect(view.readersOf('x').map(({ output }) => output[0])).to.deep.equal(['middle']);
    expect(view.readersOf('y')).to.deep.equal([]);
    expect([view.isOutput('y'), view.isOutput('middle')]).to.deep.equal([true, false]);
    expect(view.scopeOf(model.proto.graph)).to.equal(main);
  });

  it('finds every node of a name, with its place', () => {
    const view = viewOf(chain());
    expect(view.nodesNamed('same').map(({ node, index }) => [node.output[0], index])).to.deep.equal([
      ['middle', 0],
      ['y', 1],
    ]);
    expect(view.nodesNamed('other')).to.deep.equal([]);
  });
});
