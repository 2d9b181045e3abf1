import { expect } from 'chai';
import { seenClasses } from '../../src/report/seen-classes.ts';

describe('report/seen-classes', () => {
  it('are those of the data, those that were answered, and those that were right', () => {
    const rows = [
      [3, 0, 0, 1, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 2],
    ];
    expect(seenClasses(rows, ['cat', 'dog'])).to.deep.equal([0, 1, 3, 4]);
    expect(seenClasses(rows, null)).to.deep.equal([0, 3, 4]);
    expect(seenClasses([], null)).to.deep.equal([]);
  });
});
