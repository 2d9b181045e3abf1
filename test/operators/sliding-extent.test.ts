import { expect } from 'chai';
import { makeNode } from '../../src/onnx/attributes.ts';
import { slidingExtents } from '../../src/operators/sliding-extent.ts';

/** Counts the positions of a window one by one, on an axis with its zeros before and behind. */
function counted(
  extent: number,
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
  after: number,
): number {
  let count = 0;
  for (let start = -before; start + (kernel - 1) * dilation < extent + after; start += stride) count++;
  return count;
}

const conv = (attributes: Parameters<typeof makeNode>[4]) => makeNode('Conv', ['x', 'w'], ['y'], 'n', attributes);

describe('slidingExtents', () => {
  it('is the number of positions that can be counted, for every stride, dilation and pads', () => {
    for (const extent of [5, 8])
      for (const kernel of [1, 3])
        for (const stride of [1, 2, 3])
          for (const dilation of [1, 2])
            for (const [before, after] of [
              [0, 0],
              [1, 1],
              [0, 2],
            ] as const) {
              const strides = [7, stride];
              const node = conv({ strides, dilations: [7, dilation], pads: [9, before, 9, after] });
              const expected = counted(extent, kernel, stride, dilation, before, after);
              expect(
                slidingExtents(node, [undefined, extent], [undefined, kernel])[1],
                `${extent} ${kernel} ${stride} ${dilation}`,
              ).to.equal(expected);
            }
  });

  it('is the extent by the stride, rounded up, where the pads are made to fit, and has none where they are VALID', () => {
    for (const auto_pad of ['SAME_UPPER', 'SAME_LOWER']) {
      expect(slidingExtents(conv({ auto_pad, strides: [2] }), [7], [3])).to.deep.equal([4]);
    }
    expect(slidingExtents(conv({ auto_pad: 'VALID', pads: [5, 5] }), [7], [3])).to.deep.equal([5]);
  });

  it('says nothing of an axis or a window that is not known, nor of a pool that rounds up', () => {
    expect(slidingExtents(conv({}), [undefined], [3])).to.deep.equal([undefined]);
    expect(slidingExtents(conv({}), [7], [undefined])).to.deep.equal([undefined]);
    expect(slidingExtents(conv({ ceil_mode: 1 }), [7], [3])).to.deep.equal([undefined]);
  });
});
