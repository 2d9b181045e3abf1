import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { findSites } from '../../src/find/index.ts';
import { plan } from '../../src/plan/index.ts';

const C = 64;

/** A plan of one norm, at opset 21, whose channels have this running mean and variance. */
function planOf(mean: number, variance: number, options: Parameters<typeof plan>[2] = {}) {
  const net = new Net({ opset: 21 });
  const fill = (value: number) => new Array<number>(C).fill(value);
  const norm = { mean: fill(mean), variance: fill(variance) };
  net.output(net.bn(net.input('x', [1, C, 8, 8]), C, norm));
  const { sites } = findSites(net.model());
  const [site] = plan(sites, 21, options).sites;
  if (site === undefined) throw new RangeError('nothing planned');
  return site;
}

describe('--form auto', () => {
  it('is native where the mean of a group is within a standard deviation of 0', () => {
    expect(planOf(0, 1).form).to.equal('native');
    expect(planOf(0.99, 1)).to.include({ form: 'native', exactForm: 'reduce' });
  });

  it('is reduce where it is further away, and says why', () => {
    const { form, notes } = planOf(100, 1);
    expect(form).to.equal('reduce');
    expect(notes.join()).to.match(
      /^form reduce instead of native: the mean of a group is 100 standard deviations from 0/,
    );
    expect(planOf(-1.1, 1).form).to.equal('reduce');
  });

  it('takes the spread of the channels of a group as part of its deviation', () => {
    const mean = Array.from({ length: C }, (_, c) => (c % 2 === 0 ? 10 : -10));
    const net = new Net({ opset: 21 });
    net.output(net.bn(net.input('x', [1, C, 8, 8]), C, { mean, variance: new Array<number>(C).fill(1) }));
    const { sites } = findSites(net.model());
    expect(plan(sites, 21, { groups: 1 }).sites[0]?.form).to.equal('native');
    expect(plan(sites, 21, { groups: C }).sites[0]?.form).to.equal('reduce');
  });

  it('is for layer and instance norm what it was: their kernels lose nothing', () => {
    for (const to of ['layer', 'instance']) expect(planOf(100, 1, { to }).form).to.equal('native');
  });

  it('leaves a form that was asked for alone', () => {
    expect(planOf(100, 1, { form: 'native' }).form).to.equal('native');
  });

  it('is what a reader takes where nothing else is legal', () => {
    expect(planOf(100, 1, { for: 'tract' }).form).to.equal('reduce');
    expect(planOf(100, 1, { for: 'tensorrt' }).form).to.equal('instance');
  });
});
