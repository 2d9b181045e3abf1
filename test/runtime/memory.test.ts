import { totalmem } from 'node:os';
import { expect } from 'chai';
import { defaultMemory } from '../../src/runtime/memory.ts';

describe('defaultMemory', () => {
  it('leaves most of the memory to others', () => {
    expect(defaultMemory()).to.be.greaterThan(0);
    expect(defaultMemory()).to.be.at.most(totalmem() / 4);
  });
});
