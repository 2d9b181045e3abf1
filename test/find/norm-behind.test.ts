import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { hasNormBehind } from '../../src/find/norm-behind.ts';
import { viewOf } from '../../src/graph/view.ts';

const C = 6;

/** Whether a norm is told behind x, where this is. */
function told(behind: (net: Net, x: string) => string): boolean {
  const net = new Net();
  const x = net.input('x', ['n', C, 5, 7]);
  net.output(behind(net, x));
  return hasNormBehind(x, viewOf(net.model()));
}

const moved = (net: Net, x: string) => net.node('Identity', [x]);
const mean = (net: Net, x: string) => net.node('ReduceMean', [x], { axes: [-1], keepdims: 1 });

describe('find/norm-behind', () => {
  it('tells of a norm that reads the value, of any kind', () => {
    expect(told((net, x) => net.bn(x, C))).to.equal(true);
    for (const operator of ['GroupNormalization', 'InstanceNormalization', 'LayerNormalization'])
      expect(told((net, x) => net.node(operator, [x, net.weight('s', [C]), net.weight('b', [C])]))).to.equal(true);
  });

  it('tells of one that is spelled: the mean is taken off the value itself', () => {
    expect(told((net, x) => net.node('Sub', [x, mean(net, x)]))).to.equal(true);
    expect(told((net, x) => net.node('Sub', [net.relu(x), mean(net, x)]))).to.equal(false);
    expect(told((net, x) => net.node('Mul', [x, mean(net, x)]))).to.equal(false);
  });

  it('looks past what only moves numbers, and past a sum, but not for ever', () => {
    const behind = (steps: number) => (net: Net, x: string) => {
      let at = x;
      for (let step = 0; step < steps; step++) at = moved(net, at);
      return net.bn(at, C);
    };
    expect(told(behind(4))).to.equal(true);
    expect(told(behind(5))).to.equal(false);
    expect(told((net, x) => net.bn(net.node('Add', [x, net.input('y', ['n', C, 5, 7])]), C))).to.equal(true);
    expect(told((net, x) => net.bn(net.relu(x), C))).to.equal(false);
  });
});
