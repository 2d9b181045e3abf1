import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { sumChains } from '../../src/runtime/sum-chains.ts';
import { ROOT } from '../support/docs.ts';

describe('sumChains', () => {
  it('is that of the native runtime, until WebAssembly takes its place', () => {
    // Other tests of this process run the native one.
    expect(sumChains()).to.equal(8);
    for (const file of ['node', 'web'])
      expect(readFileSync(`${ROOT}src/runtime/ort/${file}.ts`, 'utf8')).to.match(/^ *sumInOneChain\(\);$/m);
  });
});
