import { expect } from 'chai';
import { foldedWords } from '../../src/find/kinds.ts';

describe('foldedWords', () => {
  it('counts', () => {
    expect(foldedWords(1)).to.equal('1 Conv looks as if its BatchNormalization was folded in');
    expect(foldedWords(28)).to.equal('28 Conv look as if their BatchNormalization was folded in');
  });
});
