import { expect } from 'chai';
import { nearest } from '../../src/options/nearest.ts';

describe('nearest', () => {
  const names = ['groups', 'group', 'include', 'inspect', 'calibrate'];

  it('finds a name that a slip of the fingers makes of it', () => {
    for (const [word, meant] of [
      ['grups', 'groups'],
      ['gruop', 'group'],
      ['inspct', 'inspect'],
      ['calibate', 'calibrate'],
      ['calibrrate', 'calibrate'],
      ['icnlude', 'include'],
    ] as const) {
      expect(nearest(word, names), word).to.equal(meant);
    }
  });

  it('finds none for another word', () => {
    for (const word of ['photos', 'x', 'model', 'zzzzzz']) expect(nearest(word, names), word).to.equal(undefined);
  });
});
