import { expect } from 'chai';
import { chosenText } from '../../src/report/chosen.ts';

describe('chosenText', () => {
  const choice = (path: number | null, statistics: number | null) =>
    chosenText({
      choice: {
        solver: 'statistics',
        why: 'kept',
        kept: [
          { solver: 'path', kept: path },
          { solver: 'statistics', kept: statistics },
        ],
        samples: 8,
      },
    });

  it('says what each solution kept', () => {
    expect(choice(0.5, 0.7)).to.equal(
      'used: without data, which keeps most on 8 inputs (solved behind the swapped norms 0.500, without data 0.700)',
    );
    expect(choice(0.5, 0)).to.include('without data 0.000');
  });

  it('does not say that one keeps most if all keep the same, or nothing', () => {
    for (const kept of [0, 0.5]) {
      expect(choice(kept, kept)).to.match(/^used: without data, the first of those that keep the same on 8 inputs/);
    }
  });

  it('says that one keeps everything where no other was run', () => {
    const one = { solver: 'path', why: 'kept', kept: [{ solver: 'path', kept: 1 }], samples: 16 } as const;
    expect(chosenText({ choice: one })).to.equal(
      'used: solved behind the swapped norms, which keeps everything on 16 inputs',
    );
  });

  it('does not praise one that finds something where the source finds nothing', () => {
    expect(choice(null, 0)).to.equal('used: without data; the outputs could not be compared');
    expect(choice(null, null)).to.equal('used: without data; the outputs could not be compared');
    const kept = [
      { solver: 'path', kept: null },
      { solver: 'statistics', kept: 0 },
    ] as const;
    expect(chosenText({ choice: { solver: 'path', why: 'kept', kept, samples: 16 } })).to.equal(
      'used: solved behind the swapped norms, which finds nothing on these inputs, like the source',
    );
  });
});
