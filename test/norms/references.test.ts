import { expect } from 'chai';
import { Random } from '../../src/inputs/random.ts';
import { groupReference } from '../../src/norms/reference.ts';
import { SampleReferences } from '../../src/norms/references.ts';
import type { GroupedNorm } from '../../src/norms/types.ts';

const norm = (groups: number): GroupedNorm => {
  return { channels: 4, groups, epsilon: 1e-5, scale: [1, 2, 3, 4], bias: [0, 1, 0, -1] };
};
const numbers = (count: number, seed: number) => {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => random.normal());
};
const DIMS = [1, 4, 5, 6];

describe('SampleReferences', () => {
  it('gives the reference of each sample, however the arrays were filled before', () => {
    const references = new SampleReferences();
    const [two, one] = [norm(2), norm(1)];
    for (const [index, dims] of [DIMS, [1, 4, 20, 30], DIMS, [1, 4, 2, 2]].entries()) {
      const x = numbers(
        dims.reduce((product, dim) => product * dim, 1),
        index,
      );
      for (const own of [two, one, two]) {
        const { reference, bounds } = references.of(x, dims, own);
        expect(reference).to.deep.equal(groupReference(x, dims, own));
        expect(bounds).to.have.length(x.length);
      }
    }
  });

  it('computes the reference of a sample once for one norm, also of a view of the same numbers', () => {
    const references = new SampleReferences();
    const [x, own] = [numbers(240, 1), norm(2)];
    const first = references.of(x.subarray(0, 120), DIMS, own);
    expect(references.of(x.subarray(0, 120), DIMS, own)).to.equal(first);
    expect(references.of(x.subarray(120), DIMS, own)).to.not.equal(first);
    expect(references.of(x.subarray(120), DIMS, norm(2)).reference).to.deep.equal(
      groupReference(x.subarray(120), DIMS, own),
    );
  });

  it('computes it again once another has filled the arrays', () => {
    const [mine, other] = [new SampleReferences(), new SampleReferences()];
    const [x, y, own] = [numbers(120, 1), numbers(120, 2), norm(2)];
    const expected = groupReference(x, DIMS, own);
    mine.of(x, DIMS, own);
    other.of(y, DIMS, own);
    expect(mine.of(x, DIMS, own).reference).to.deep.equal(expected);
  });

  it('takes lists that are not typed arrays', () => {
    const references = new SampleReferences();
    const [list, own] = [Array.from(numbers(120, 3)), norm(4)];
    expect(references.of(list, DIMS, own).reference).to.deep.equal(groupReference(list, DIMS, own));
  });
});
