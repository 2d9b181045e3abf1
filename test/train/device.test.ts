import { expect } from 'chai';
import { agreement } from '../../src/train/device.ts';
import { thrown } from '../support/errors.ts';

const computed = (loss: number, ...gradient: number[]) => ({ loss, gradient: Float32Array.from(gradient) });

describe('agreement', () => {
  it('says how near a gradient is to the CPU’s, relative to its length', () => {
    expect(agreement('cuda', computed(1, 3.0003, 4), computed(1, 3, 4))).to.include('within 6.0e-5');
  });

  it('takes a gradient of zeros for what it is', () => {
    expect(agreement('cuda', computed(1, 0, 0), computed(1, 0, 0))).to.include('within 0.0e+0');
  });

  for (const [title, found, message] of [
    ['another gradient', computed(1, 3, 3), 'on webgpu the gradient differs by 20 % from the CPU'],
    ['a gradient of zeros', computed(1, 0, 0), 'gradient differs by 100 %'],
    ['a gradient that is not finite', computed(1, Number.NaN, 4), 'gradient differs by more than can be said'],
    ['another loss', computed(1.5, 3, 4), 'loss differs by 50 %'],
    ['a loss that is not finite', computed(Number.NaN, 3, 4), 'loss differs by more than can be said'],
  ] as const) {
    it(`refuses ${title}`, () => {
      const error = thrown(() => agreement('webgpu', found, computed(1, 3, 4)));
      expect(error.code).to.equal('verification-failed');
      expect(error.message).to.include(message);
    });
  }
});
