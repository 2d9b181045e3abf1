import { expect } from 'chai';
import type { ReadingCheck } from '../../src/calibrate/reading-fit.ts';
import type { Drift } from '../../src/measure/drift.ts';
import { adviceOn, orderNote } from '../../src/report/advice.ts';

const FIT = { channels: 10, fallbacks: 0 };
const FITS = [
  { ...FIT, name: 'a', r2: 0.9 },
  { ...FIT, name: 'b', r2: 0.2 },
  { ...FIT, name: 'c', r2: 0.5 },
  { ...FIT, name: 'd', r2: 0.7 },
];
const FINE = { fits: FITS, mismatch: { shift: 0.1, spread: 1 }, solvedOn: 50, heldOut: 100 };

function drift(more: Partial<Drift>): Drift {
  const none = { argmax: null, overlap: null, sqnr: 20 };
  return { output: 'y', dims: [4, 2], max: 1, mean: 1, relative: 0.1, cosine: 0.99, ...none, ...more };
}

describe('adviceOn', () => {
  it('is silent where all is well', () => {
    expect(adviceOn(FINE, [drift({ argmax: 0.97 })])).to.deep.equal([]);
    expect(adviceOn(FINE, [])).to.deep.equal([]);
  });

  for (const mismatch of [
    { shift: 0.21, spread: 1 },
    { shift: 0, spread: 0.79 },
    { shift: 0, spread: 1.26 },
    { shift: Number.POSITIVE_INFINITY, spread: 1 },
  ]) {
    it(`tells of inputs that are unlike the model’s: ${JSON.stringify(mismatch)}`, () => {
      const [advice, ...others] = adviceOn({ ...FINE, mismatch }, []);
      expect(others).to.have.length(0);
      expect(advice).to.match(/do not look like the training data/);
      expect(advice).to.include('Check --mean, --std, --scale, --size, --channel-order and the inputs');
    });
  }

  it('names --reference adapted for right inputs of another domain, unless statistics were re-estimated already', () => {
    const mismatch = { shift: 0.5, spread: 2 };
    const hint =
      'If they are right and from another domain, try --reference adapted too, and compare both on labelled inputs';
    expect(adviceOn({ ...FINE, mismatch }, [])[0]).to.match(new RegExp(`\\. ${hint}$`));
    const [again] = adviceOn({ ...FINE, mismatch, moved: { shift: 1, spread: 2 } }, []);
    expect(again).to.include('do not look like').and.not.include('adapted');
    // Answers that hardly vary are a wrong --scale, not another domain.
    const kept = { kept: 1, tasks: [], unjudged: [], inputs: 8, doubts: ['its answers hardly vary'] };
    const unknown = { shift: Number.NaN, spread: Number.NaN };
    expect(adviceOn({ ...FINE, mismatch: unknown }, [], kept)[0])
      .to.include('hardly vary')
      .and.not.include('adapted');
    expect(adviceOn({ ...FINE, mismatch }, [], kept)[0]).to.include('hardly vary');
  });

  it('does not doubt inputs that fit the running statistics: of one class, they are answered alike', () => {
    const kept = { kept: 1, tasks: [], unjudged: [], inputs: 8, doubts: ['its answers hardly vary'] };
    expect(adviceOn(FINE, [], kept)).to.deep.equal([]);
  });

  it('takes what is at the limits, and what no norm of the source tells', () => {
    for (const mismatch of [
      { shift: 0.2, spread: 0.8 },
      { shift: 0, spread: 1.25 },
      { shift: Number.NaN, spread: Number.NaN },
    ]) {
      expect(adviceOn({ ...FINE, mismatch }, [])).to.deep.equal([]);
    }
  });

  it('tells of channels that the data say nothing of, from a tenth on', () => {
    const fits = (fallbacks: number) => [{ name: 'a', r2: 0.9, channels: 100, fallbacks }];
    expect(adviceOn({ ...FINE, fits: fits(10) }, [])).to.deep.equal([]);
    const [advice] = adviceOn({ ...FINE, fits: fits(11) }, []);
    expect(advice).to.match(/^11 of 100 channels could not be fitted/);
    expect(advice).to.match(/Use more, or more varied, inputs$/);
  });

  it('names the worst sites where an output agrees poorly, and what to try', () => {
    const [advice, ...others] = adviceOn(FINE, [drift({ argmax: 0.6 }), drift({ output: 'z', argmax: 0.95 })]);
    expect(others).to.have.length(0);
    expect(advice).to.match(/^output y agrees with the source only to 0\.600 on 100 held-out inputs/);
    expect(advice).to.include('b (R² 0.20), c (R² 0.50), d (R² 0.70)');
    expect(advice).to.include('--groups 1').and.include('--exclude').and.not.include('more samples');
  });

  it('leaves room for chance where a share of few inputs is counted', () => {
    const warns = (heldOut: number, it: Partial<Drift>) => adviceOn({ ...FINE, heldOut }, [drift(it)]).length > 0;
    expect(warns(8, { argmax: 7 / 8 })).to.equal(false);
    expect(warns(8, { argmax: 6 / 8 })).to.equal(true);
    expect(warns(800, { argmax: 7 / 8 })).to.equal(true);
    expect(warns(8, { overlap: 0.89 })).to.equal(true);
    expect(warns(8, { cosine: 0.89 })).to.equal(true);
  });

  it('names no sites where none could be solved', () => {
    const [advice] = adviceOn({ ...FINE, fits: [] }, [drift({ argmax: 0.6 })]);
    expect(advice).to.match(/on 100 held-out inputs\. Try fewer groups/);
  });

  it('wants labels where statistics were re-estimated and much is answered otherwise', () => {
    const facts = {
      ...FINE,
      fits: [],
      mismatch: { shift: Number.NaN, spread: Number.NaN },
      moved: { shift: 1, spread: 2 },
    };
    expect(adviceOn(facts, [drift({ argmax: 0.95 })])).to.deep.equal([]);
    const [advice, ...others] = adviceOn(facts, [drift({ argmax: 0.6 })]);
    expect(others).to.have.length(0);
    expect(advice).to.match(
      /^output y agrees with the source only to 0\.600 on 100 held-out inputs\. Re-estimated statistics may/,
    );
    expect(advice).to.include('only labels can tell').and.include('--include').and.not.include('--groups');
  });

  it('names a norm or groups that may keep more, if there are any', () => {
    const of = (norm: string, groups: number) =>
      adviceOn(FINE, [drift({ argmax: 0.6 })], undefined, { norm, sites: [{ groups }] })[0];
    expect(of('instance', 16)).to.include('Try --to group, which keeps more, or --exclude');
    expect(of('group', 4)).to.include('Try fewer groups (--groups 1), or --exclude');
    expect(of('group', 1)).to.include('Try --exclude for the worst sites').and.not.include('--groups');
    expect(of('layer', 1)).to.not.include('--groups');
  });

  it('asks for more samples where there were few', () => {
    expect(adviceOn({ ...FINE, solvedOn: 31 }, [drift({ argmax: 0.6 })])[0]).to.include(
      'Try more samples, fewer groups',
    );
  });

  it('judges a map by its overlap, classes by the class, and else by the angle', () => {
    const agreed = (it: Partial<Drift>) => adviceOn(FINE, [drift(it)]).length === 0;
    expect(agreed({ overlap: 0.95, argmax: 0.1, cosine: 0.1 })).to.equal(true);
    expect(agreed({ overlap: 0.85, argmax: 1, cosine: 1 })).to.equal(false);
    expect(agreed({ argmax: 0.95, cosine: 0.1 })).to.equal(true);
    expect(agreed({ argmax: 0.85, cosine: 1 })).to.equal(false);
    expect(agreed({ cosine: 0.9 })).to.equal(true);
    expect(agreed({ cosine: 0.89 })).to.equal(false);
    expect(agreed({ cosine: Number.NaN })).to.equal(false);
  });
});

describe('advice on how pictures were read', () => {
  const said = (reading: ReadingCheck, isOrderAssumed = false) => {
    const calibrated = { ...FINE, reading, isOrderAssumed };
    return { advice: adviceOn(calibrated, []), note: orderNote(calibrated) };
  };
  const order = (given: number, reversed: number, agreement?: number): ReadingCheck => ({
    order: { given, reversed, samples: 4, ...(agreement === undefined ? {} : { agreement }) },
  });

  it('warns where the channels fit better in the other order', () => {
    const { advice, note } = said(order(0.4, 0.2));
    expect(advice).to.have.length(1);
    expect(advice[0]).to.match(/^with RGB and BGR exchanged, .* \(divergence 0\.20, now 0\.40\)/);
    expect(advice[0]).to.match(/Check --channel-order$/);
    expect(note).to.equal(undefined);
  });

  it('says so where the order fits, and where it hardly matters', () => {
    const fits = said(order(0.2, 0.4));
    expect(fits.advice).to.deep.equal([]);
    expect(fits.note).to.match(/fits the training data \(divergence 0\.20, reversed 0\.40\)/);
    const same = said(order(0.2, 0.21, 0.95), true);
    expect(same.advice).to.deep.equal([]);
    expect(same.note).to.match(/hardly matters: .* \(agreement 0\.950 on 4 inputs\)/);
  });

  it('warns of an order that nobody named where answers hang on it, and says so where somebody did', () => {
    const unknown = order(Number.NaN, Number.NaN, 0.7);
    const assumed = said(unknown, true);
    expect(assumed.advice).to.have.length(1);
    expect(assumed.advice[0]).to.match(/RGB and BGR give different results \(agreement 0\.700 on 4 inputs\)\. /);
    expect(assumed.advice[0]).to.match(/Set --channel-order to what the model was trained on$/);
    expect(assumed.note).to.equal(undefined);
    const named = said(unknown);
    expect(named.advice).to.deep.equal([]);
    expect(named.note).to.match(/RGB and BGR give different results \(agreement 0\.700/);
    expect(said(order(0.2, 0.21)).note).to.match(/^the channel order could not be checked$/);
  });

  it('warns of the size that is worse than another, and names the best', () => {
    const sized = (given: number, half?: number, double?: number) =>
      said({ size: { given, ...(half !== undefined && { half }), ...(double !== undefined && { double }) } }).advice;
    expect(sized(0.5, 0.4, 0.6)).to.have.length(1);
    expect(sized(0.5, 0.4)[0]).to.match(/^at half the size, .* \(divergence 0\.40, now 0\.50\)\. Check --size$/);
    expect(sized(0.5, 0.6, 0.3)[0]).to.match(/^at twice the size/);
    expect(sized(0.5, 0.4, 0.3)[0]).to.match(/^at twice the size/);
    expect(sized(0.5, 0.47, 0.6)).to.deep.equal([]);
    expect(sized(0.5)).to.deep.equal([]);
  });

  it('has nothing to say of what is no picture', () => {
    expect(said({})).to.deep.equal({ advice: [], note: undefined });
  });
});
