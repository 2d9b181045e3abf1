import { expect } from 'chai';
import { foldedWords } from '../../src/find/kinds.ts';

describe('foldedWords', () => {
  it('counts', () => {
    expect(foldedWords(1)).to.equal('1 Conv layer appears to have absorbed a BatchNormalization');
    expect(foldedWords(28)).to.equal('28 Conv layers appear to have absorbed a BatchNormalization');
  });
});
