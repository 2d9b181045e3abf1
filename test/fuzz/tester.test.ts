/** The fuzzer must see what it looks for: errors, endless loops, and heaps that fill. */
import { expect } from 'chai';
import { Tester } from '../../fuzz/tester.ts';

/** Seeds 3, 5 and 7 do what an input must not. */
const TARGET = `data:text/javascript,${encodeURIComponent(`
export const inputOf = (seed) => Uint8Array.of(seed);
export async function attempt([what], seed) {
  if (what === 3) throw new Error('thrown by ' + seed);
  if (what === 5) for (;;);
  if (what === 7) for (const held = [];;) held.push(new Array(1000).fill(held.length));
  return what % 2 === 0 ? 'even' : 'odd';
}`)}`;

describe('Tester', () => {
  let tester: Tester;
  beforeEach(() => {
    tester = new Tester([TARGET], { milliseconds: 2000, megabytes: 64 });
  });
  afterEach(() => tester.close());

  it('counts how inputs end, and stops at the first that throws', async () => {
    const { counts: all, resident } = await tester.try({ from: 0, to: 3 });
    expect(all).to.deep.equal({ even: 2, odd: 1 });
    expect(resident).to.be.within(20e6, 500e6);
    const { counts, failure } = await tester.try({ from: 2, to: 5 });
    expect(counts).to.deep.equal({ even: 1 });
    expect(failure?.seed).to.equal(3);
    expect(failure?.message).to.match(/^Error: thrown by 3\n/);
    expect((await tester.try({ input: Uint8Array.of(4), seed: 3 })).counts).to.deep.equal({ even: 1 });
  });

  it('ends an endless loop, and goes on after it', async () => {
    const { failure } = await tester.try({ from: 4, to: 7 });
    expect(failure).to.deep.equal({ seed: 5, message: 'no end after 2000 ms' });
    expect((await tester.try({ from: 6, to: 7 })).counts).to.deep.equal({ even: 1 });
  });

  it('outlives a heap that fills', async () => {
    const { failure } = await tester.try({ from: 6, to: 9 });
    expect(failure?.seed).to.equal(7);
    expect(failure?.message).to.match(/the process died with \w+: .*memory/);
    expect((await tester.try({ from: 8, to: 9 })).counts).to.deep.equal({ even: 1 });
  });
});
