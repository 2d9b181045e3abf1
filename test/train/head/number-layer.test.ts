import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { numberLayer } from '../../../src/train/head/number-layer.ts';

describe('train/head/number-layer', () => {
  it('finds a Gemm, a MatMul with an Add of either order, and a Conv of single places, behind what only reshapes', () => {
    const net = new Net();
    const row = net.input('x', ['N', 4]);
    const map = net.input('m', ['N', 4, 8, 8]);
    const gemm = net.node('Gemm', [row, net.weight('g.w', [3, 4]), net.weight('g.b', [3])], {
      transB: 1,
      alpha: { float: 0.5 },
      beta: { float: 2 },
    });
    net.node('Flatten', [gemm], {}, { outputs: ['a'] });
    const product = net.node('MatMul', [row, net.weight('p.w', [4, 3])]);
    net.node('Add', [net.weight('p.b', [3]), product], {}, { outputs: ['b'] });
    const conv = net.node('Conv', [map, net.weight('c.w', [2, 4, 1, 1])], { kernel_shape: [1, 1] });
    net.node('Identity', [conv], {}, { outputs: ['c'] });
    const model = net.output('a', ['N', 3]).output('b', ['N', 3]).output('c', ['N', 2, 8, 8]).model();
    const shared = { factor: 1, biasFactor: 1, channelsFirst: false };
    expect(numberLayer(model, 'a')).to.deep.equal({
      ...shared,
      output: 'a',
      features: 'x',
      weight: 'g.w',
      bias: 'g.b',
      byOutput: true,
      factor: 0.5,
      biasFactor: 2,
    });
    expect(numberLayer(model, 'b')).to.deep.equal({
      ...shared,
      output: 'b',
      features: 'x',
      weight: 'p.w',
      bias: 'p.b',
      byOutput: false,
    });
    expect(numberLayer(model, 'c')).to.deep.equal({
      ...shared,
      output: 'c',
      features: 'm',
      weight: 'c.w',
      bias: undefined,
      byOutput: true,
      channelsFirst: true,
    });
  });

  it('finds none behind another function, of several places, with a weight that is read elsewhere, and of constants', () => {
    const net = new Net();
    const row = net.input('x', ['N', 4]);
    const map = net.input('m', ['N', 4, 8, 8]);
    const gemm = (weight: string) => net.node('Gemm', [row, weight]);
    net.node('Sigmoid', [gemm(net.weight('a.w', [4, 3]))], {}, { outputs: ['a'] });
    net.node('Conv', [map, net.weight('b.w', [2, 4, 3, 3])], { kernel_shape: [3, 3] }, { outputs: ['b'] });
    const tied = net.weight('c.w', [4, 4]);
    net.node('MatMul', [net.node('Relu', [gemm(tied)]), tied], {}, { outputs: ['c'] });
    net.node('MatMul', [net.weight('k', [1, 4]), net.weight('d.w', [4, 4])], {}, { outputs: ['d'] });
    net.node('Gemm', [row, row], { transB: 1 }, { outputs: ['e'] });
    const model = ['a', 'b', 'c', 'd', 'e'].reduce((it, name) => it.output(name, undefined), net).model();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'x', 'nothing'])
      expect(numberLayer(model, name), name).to.equal(undefined);
  });
});
