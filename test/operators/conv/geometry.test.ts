import { expect } from 'chai';
import { Net } from '../../../fixtures/build.ts';
import { geometryOf, groupOf, transposedAttributes, transposedGeometry } from '../../../src/operators/conv/geometry.ts';

type Attributes = Parameters<Net['node']>[2];

/** A node of those attributes. */
function nodeOf(opType: string, attributes: Attributes) {
  const net = new Net({ opset: 13, seed: 1 });
  net.output(net.node(opType, [net.input('x', [1, 2, 9]), net.weight('w', [2, 2, 3])], attributes));
  const [node] = net.model().proto.graph.node;
  if (node === undefined) throw new RangeError('there is no node');
  return node;
}

/** Positions along one axis that the windows lie on, as the definition of Conv has them. */
function positions({ strides, dilations, padsBegin, kernel }: ReturnType<typeof geometryOf>, small: number): number[] {
  const all: number[] = [];
  for (let at = 0; at < small; at++)
    for (let tap = 0; tap < (kernel[0] ?? 0); tap++)
      all.push(at * (strides[0] ?? 0) + tap * (dilations[0] ?? 0) - (padsBegin[0] ?? 0));
  return all;
}

describe('geometryOf', () => {
  it('has ones and zeros where nothing is said, and what is said else', () => {
    expect(geometryOf(nodeOf('Conv', {}), [3, 3], [9, 9], [7, 7])).to.deep.equal({
      kernel: [3, 3],
      strides: [1, 1],
      dilations: [1, 1],
      padsBegin: [0, 0],
      padsEnd: [0, 0],
    });
    const said = geometryOf(nodeOf('Conv', { strides: [2], dilations: [3], pads: [1, 4] }), [3], [9], [4]);
    expect([said.strides, said.dilations, said.padsBegin, said.padsEnd]).to.deep.equal([[2], [3], [1], [4]]);
  });

  it('works out SAME pads so that the windows cover the axis, with the odd one at the end or the beginning', () => {
    for (const [large, stride, kernel, dilation] of [
      [9, 2, 4, 1],
      [8, 3, 5, 1],
      [7, 2, 3, 2],
      [6, 1, 2, 1],
      [5, 5, 1, 1],
    ] as const) {
      const small = Math.ceil(large / stride);
      const pads = (['SAME_UPPER', 'SAME_LOWER'] as const).map((mode) => {
        const node = nodeOf('Conv', { auto_pad: mode, strides: [stride], dilations: [dilation] });
        const own = geometryOf(node, [kernel], [large], [small]);
        const reached = positions(own, small);
        expect(Math.min(...reached)).to.equal(-(own.padsBegin[0] ?? 0));
        // A stride beyond the kernel may leave the end out.
        expect(Math.max(...reached)).to.be.at.most(large - 1 + (own.padsEnd[0] ?? 0));
        return [own.padsBegin[0] ?? 0, own.padsEnd[0] ?? 0] as const;
      });
      const [upper, lower] = pads as [(typeof pads)[0], (typeof pads)[0]];
      expect([...upper].reverse(), `${large} ${stride} ${kernel}`).to.deep.equal(lower);
      expect(upper[1] - upper[0]).to.be.within(0, 1);
    }
  });
});

describe('transposedAttributes', () => {
  it('give back the length that the windows lay on, by the formula of ConvTranspose', () => {
    for (const [large, stride, kernel, dilation, begin, end] of [
      [9, 2, 3, 1, 1, 1],
      [10, 3, 2, 1, 0, 0],
      [11, 2, 3, 2, 2, 1],
      [7, 4, 1, 1, 0, 0],
    ] as const) {
      const small = Math.floor((large + begin + end - dilation * (kernel - 1) - 1) / stride) + 1;
      const node = nodeOf('Conv', { strides: [stride], dilations: [dilation], pads: [begin, end] });
      const made = transposedAttributes(geometryOf(node, [kernel], [large], [small]), [large], [small]);
      const [first = 0, last = 0] = made.pads;
      const length = stride * (small - 1) + (made.output_padding[0] ?? 0) + (kernel - 1) * dilation + 1 - first - last;
      expect(length).to.equal(large);
      expect(Math.min(...made.pads, ...made.output_padding)).to.be.at.least(0);
    }
  });
});

describe('transposedGeometry', () => {
  it('takes pads as they are, and works them out of a stated output shape, which is uneven at the beginning', () => {
    const plain = transposedGeometry(nodeOf('ConvTranspose', { strides: [2], pads: [1, 0] }), [3], [8], [4]);
    expect([plain.padsBegin, plain.padsEnd]).to.deep.equal([[1], [0]]);
    const node = nodeOf('ConvTranspose', { strides: [2], output_shape: [6] });
    const stated = transposedGeometry(node, [3], [6], [4]);
    // 2 · 3 + 2 + 1 = 9 positions, 3 of them cut off.
    expect([stated.padsBegin, stated.padsEnd]).to.deep.equal([[2], [1]]);
  });
});

describe('groupOf', () => {
  it('is 1 where nothing is said', () => {
    expect([groupOf(nodeOf('Conv', {})), groupOf(nodeOf('Conv', { group: 4 }))]).to.deep.equal([1, 4]);
  });
});
