import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { swap } from '../../src/jobs/swap.ts';
import { batch } from '../../src/norms/batch.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { byElement } from '../support/by-element.ts';
import { madeInputs } from '../support/calibration.ts';
import { rejection } from '../support/errors.ts';
import { siteOf } from '../support/site.ts';
import { modelOf } from '../support/swapped.ts';

describe('norms/batch', () => {
  it('is of each channel by itself, with the source’s γ and β', () => {
    const site = siteOf();
    const { scale, bias, mean, variance } = site.statistics;
    expect(batch.groupsFor(site, {})).to.deep.equal({ groups: 8 });
    expect(batch.check(site, 8)).to.equal(undefined);
    const init = { name: 'none', summary: '', parameters: () => ({ scale, bias }) };
    expect(batch.parameters(site, 8, init, {})).to.deep.equal({ scale, bias, more: { mean, variance }, notes: [] });
  });

  it('leaves what has no statistics of its own, or where no run tells them, with the reason', () => {
    const folded = batch.check(siteOf({ needsData: true }), 8);
    expect(folded).to.include({ code: 'no-statistics', remedy: 'It stays as it is; --to group can replace it' });
    expect(folded?.reason).to.match(/folded/);
    const inner = batch.check(siteOf({ path: 'if/then' }), 8);
    expect(inner).to.include({ code: 'no-statistics', remedy: 'It keeps its own statistics' });
    expect(inner?.reason).to.match(/subgraph/);
  });

  it('answers by the formula in float64, and bounds what float32 may lose', () => {
    const more = { mean: [5, -1], variance: [4, 0.25] };
    const norm = { channels: 2, groups: 2, epsilon: 1e-5, scale: [2, -1], bias: [1, 0], more };
    const x = [1, 2, 3, 4, 5, 6, 7, 8];
    const found: number[] = [];
    batch.elements(
      { norm, x, dims: [2, 2, 2], type: DataType.FLOAT, oneStage: true, bySquares: false },
      byElement((i, y, bound) => {
        expect(i).to.equal(found.length);
        // 8 u of |s x|, |s μ| and |β|, which are at most 16, 5 and 1 here, and no less than u of y.
        expect(bound).to.be.within(2 ** -24 * Math.abs(y), 8 * 2 ** -24 * 25);
        found.push(y);
      }),
    );
    const at = (value: number, c: 0 | 1) =>
      ((norm.scale[c] as number) * (value - (more.mean[c] as number))) /
        Math.sqrt((more.variance[c] as number) + 1e-5) +
      (norm.bias[c] as number);
    const expected = x.map((value, i) => at(value, (Math.floor(i / 2) % 2) as 0 | 1));
    // Two orders of the same float64 operations.
    for (const [i, y] of found.entries()) expect(y).to.be.closeTo(expected[i] as number, 1e-12);
  });

  it('wants data', async () => {
    const bytes = writeModel(modelOf(fixtureNamed('rank-4')));
    const error = await rejection(swap(bytes, { to: 'batch' }));
    expect(error).to.include({ code: 'invalid-arguments', remedy: 'Use --calibrate DIR with a few inputs' });
  });

  it('is verified site by site, and the same a second time over the same inputs', async () => {
    const bytes = writeModel(modelOf(fixtureNamed('rank-4')));
    const calibrate = datasetOf(madeInputs(readModel(bytes), 6));
    const first = await swap(bytes, { to: 'batch', calibrate });
    expect(first.verification?.passed).to.equal(true);
    expect(first.plan.tag).to.equal('bn');
    expect(first.calibration?.moved?.shift).to.be.above(0);
    const again = await swap(first.model, { to: 'batch', calibrate });
    const numbers = (result: typeof first) => result.plan.sites.map(({ more }) => more);
    expect(numbers(again)).to.deep.equal(numbers(first));
    expect(again.calibration?.moved?.shift).to.be.below(1e-6);
  });
});
