/** What verification says of sites that fail. */
import { expect } from 'chai';
import { UNKNOWN } from '../../src/verify/bounds.ts';
import { beyond, failing } from '../../src/verify/sentences.ts';
import type { SiteVerification } from '../../src/verify/sites.ts';

const fine = { error: 1e-7, bound: 1e-6 };
const site = (name: string, facts: Partial<SiteVerification> = {}): SiteVerification => ({
  name,
  input: 'real',
  dims: [1, 4],
  reference: fine,
  independence: fine,
  forms: [],
  failed: [],
  ...facts,
});

describe('by how much a norm is out of its bound', () => {
  it('is told in figures', () => {
    expect(beyond({ error: 0.25, bound: 1e-6 })).to.equal('error is 2.5e-1, more than 1.0e-6');
  });

  it('is no figure where there is none: NaN is not more than NaN', () => {
    const none = [
      UNKNOWN,
      { error: Number.NaN, bound: Number.NaN },
      { error: Number.POSITIVE_INFINITY, bound: 1 },
      undefined,
    ];
    for (const deviation of none) {
      expect(beyond(deviation)).to.equal('result cannot be compared: it holds NaN or infinity, or has another size');
    }
  });
});

describe('which sites fail a check', () => {
  it('is not said of sites that fail another one', () => {
    expect(failing([site('a'), site('b', { failed: ['forms'] })], 'reference')).to.equal(undefined);
  });

  it('names three of them, and says how far the first is out', () => {
    const wrong = { failed: ['reference'] as const, reference: { error: 0.5, bound: 0.01 } };
    const all = ['a', 'b', 'c', 'd'].map((name) => site(name, wrong));
    expect(failing([site('z'), ...all], 'reference')).to.equal(
      '4 of 5 sites fail: "a", "b", "c" … (error is 5.0e-1, more than 1.0e-2)',
    );
  });

  it('says why one could not be run', () => {
    const broken = site('a', { failed: ['reference'], reference: UNKNOWN, problem: 'the file has no value "x"' });
    expect(failing([broken], 'reference')).to.equal('1 of 1 sites fail: "a" (the file has no value "x")');
  });

  it('takes the form that is out of its bound', () => {
    const forms = [
      { form: 'reduce', ...fine },
      { form: 'instance', error: 2, bound: 1 },
    ];
    expect(failing([site('a', { failed: ['forms'], forms })], 'forms')).to.match(
      /error is 2\.0e\+0, more than 1\.0e\+0/,
    );
  });
});
