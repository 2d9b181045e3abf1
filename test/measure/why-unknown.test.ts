import { expect } from 'chai';
import type { Kept } from '../../src/measure/kept.ts';
import { whyUnknown } from '../../src/measure/why-unknown.ts';

const kept = (details: readonly string[]) =>
  ({ kept: null, tasks: details.map((detail) => ({ task: 'classify', kept: null, detail })) }) as unknown as Kept;

describe('measure/why-unknown', () => {
  it('tells random inputs from outputs that nobody can judge, and those from a task with a reason of its own', () => {
    expect(whyUnknown(undefined)).to.match(/^random input says nothing/);
    expect(whyUnknown(kept([]))).to.equal('no output can be judged');
    expect(whyUnknown(kept(['one answer to everything', 'another']))).to.equal('one answer to everything');
  });
});
