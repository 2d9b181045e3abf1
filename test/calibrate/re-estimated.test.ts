import { expect } from 'chai';
import { reEstimatedPlan } from '../../src/calibrate/re-estimated.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { plan } from '../../src/plan/index.ts';
import { siteOf } from '../support/site.ts';

function planned(changes: Parameters<typeof siteOf>[0] = {}) {
  return plan([siteOf({ channels: 2, ...changes })], 17, { to: 'batch' });
}

function found(mean: number[], variance: number[]) {
  return { count: new Float64Array(2).fill(10), mean: Float64Array.from(mean), variance: Float64Array.from(variance) };
}

describe('reEstimatedPlan', () => {
  it('has the new statistics, the old γ and β, and tells how far they moved', () => {
    const before = planned();
    const moments = new Map(before.sites.map((it) => [it, found([0.5, -0.5], [4, 4])]));
    const { plan: after, fits, moved } = reEstimatedPlan(before, moments);
    const [site] = after.sites;
    expect(site).to.include({ init: 'calibrate', scale: before.sites[0]?.scale, bias: before.sites[0]?.bias });
    expect(site?.more).to.deep.equal({ mean: Float64Array.of(0.5, -0.5), variance: Float64Array.of(4, 4) });
    expect(fits).to.deep.equal([]);
    expect(moved).to.deep.equal({ shift: 0.5, spread: 2 });
  });

  it('says where a channel does not vary any more', () => {
    const before = planned();
    const moments = new Map(before.sites.map((it) => [it, found([0, 0], [1, 0])]));
    expect(reEstimatedPlan(before, moments).plan.sites[0]?.notes[0]).to.match(/^1 of 2 channels are constant/);
  });

  it('leaves a site its own statistics where its type does not hold the new ones', () => {
    const before = planned({ elementType: DataType.FLOAT16 });
    const moments = new Map(before.sites.map((it) => [it, found([0, 0], [1, 1e6])]));
    const [site] = reEstimatedPlan(before, moments).plan.sites;
    expect(site?.more).to.deep.equal(before.sites[0]?.more);
    expect(site?.notes[0]).to.match(/^keeps its running statistics: its new σ² of channel 1 would be/);
  });
});
