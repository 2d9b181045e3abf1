import { expect } from 'chai';
import { tryNext } from '../../src/report/finetune.ts';

const tensor = { ofNorm: false, inHead: false, taken: true };
const [norm, head, left] = [
  { ...tensor, ofNorm: true },
  { ...tensor, inHead: true },
  { ...tensor, taken: false },
];

describe('tryNext', () => {
  it('advises to train less, of what the file has and was not trained alone', () => {
    expect(tryNext([tensor, norm, head])).to.equal('Try a smaller --lr, more samples, or --train norms');
    expect(tryNext([tensor, head])).to.equal('Try a smaller --lr, more samples, or --train head');
    for (const alone of [norm, head]) expect(tryNext([left, alone])).to.equal('Try a smaller --lr or more samples');
  });
});
