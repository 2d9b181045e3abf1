import { expect } from 'chai';
import { MeanGradient } from '../../src/train/mean-gradient.ts';

const part = (loss: number, gradient: number, counted?: number) => ({
  loss,
  gradient: Float32Array.of(gradient, -gradient),
  counted,
});

function mean(...parts: readonly (readonly [ReturnType<typeof part>, number])[]) {
  const sum = new MeanGradient(parts.reduce((all, [, samples]) => all + samples, 0));
  for (const [it, samples] of parts) sum.add(it, samples);
  const { loss, gradient } = sum.result();
  return [loss, ...gradient];
}

describe('train/mean-gradient', () => {
  it('of one run is that run’s, whatever it is a mean over', () => {
    for (const counted of [undefined, 0, 0.5, 7]) expect(mean([part(3, 2, counted), 4])).to.deep.equal([3, 2, -2]);
  });

  it('weighs runs by their samples', () => {
    expect(mean([part(3, 2), 3], [part(7, 10), 1])).to.deep.equal([4, 4, -4]);
  });

  it('weighs means over pixels or objects by how many there are, and fewer than one as their losses do', () => {
    expect(mean([part(3, 2, 6), 1], [part(7, 10, 2), 1])).to.deep.equal([4, 4, -4]);
    // A loss over no object is a sum that was divided by 1.
    expect(mean([part(3, 2, 4), 1], [part(8, 4, 0), 1])).to.deep.equal([5, 3, -3]);
    expect(mean([part(3, 2, 0.25), 1], [part(8, 4, 0.25), 1])).to.deep.equal([11, 6, -6]);
  });
});
