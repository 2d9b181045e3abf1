import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { softmaxAxis } from '../../src/measure/softmax-axis.ts';
import { yolox } from '../support/detectors.ts';

describe('softmaxAxis', () => {
  it('is told behind Transposes, too, and by nothing but a Softmax', () => {
    const axisOf = (dims: readonly number[], axis: number | undefined, ...turns: readonly (readonly number[])[]) => {
      const net = new Net({ opset: 13 });
      const y = turns.reduce(
        (it, perm) => net.node('Identity', [net.node('Transpose', [it], { perm })]),
        net.node('Softmax', [net.input('x', dims)], axis === undefined ? {} : { axis }),
      );
      return softmaxAxis(net.output(y, undefined).model(), y);
    };
    expect(axisOf([1, 2, 3, 4], 1)).to.equal(1);
    expect(axisOf([1, 2, 3, 4], undefined)).to.equal(3);
    expect(axisOf([1, 2, 3, 4], 1, [0, 2, 3, 1])).to.equal(3);
    expect(axisOf([1, 2, 3, 4], -2, [0, 2, 3, 1], [3, 1, 0, 2])).to.equal(1);
    expect(softmaxAxis(yolox(3), 'output')).to.equal(undefined);
  });
});
