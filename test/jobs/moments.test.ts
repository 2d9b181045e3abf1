import { expect } from 'chai';
import { findSites } from '../../src/find/index.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { Job } from '../../src/jobs/job.ts';
import { gatherMoments } from '../../src/jobs/moments.ts';
import type { SwapOptions } from '../../src/jobs/options.ts';
import { type JobData, solveOnce, solveShards } from '../../src/jobs/solve.ts';
import { type Model, readModel, sourceOf, writeModel } from '../../src/onnx/model.ts';
import { type Plan, plan } from '../../src/plan/index.ts';
import { madeInputs } from '../support/calibration.ts';
import { rejection } from '../support/errors.ts';
import { classifier, line } from '../support/training.ts';

const COUNT = 15;
const model = readModel(writeModel(classifier()));
const data = datasetOf(madeInputs(model, COUNT));
const opened: JobData = {
  data,
  names: Array.from({ length: COUNT }, (_, at) => `${at}`),
  skipped: [],
  isOrderAssumed: false,
  path: 'photos',
};

/** What one machine of several writes. */
async function shard(index: number, of: number, options: SwapOptions = {}, source: Model = model) {
  const job = new Job('model.onnx', 'moments');
  let begun = 0;
  const bytes = await gatherMoments(job, source, options, {
    shard: { index, of },
    images: {},
    openData: async () => opened,
    begin: () => begun++,
  });
  return { bytes, draft: job.draft, begun };
}

const planned = (options: SwapOptions = {}) => plan(findSites(model).sites, 17, options);
const numbers = ({ sites }: Plan) =>
  sites.flatMap(({ scale, bias, site: { statistics } }) =>
    [scale, bias, statistics.mean, statistics.variance].flatMap((it) => Array.from(it ?? [])),
  );

describe('jobs/moments', () => {
  for (const to of ['group', 'batch'] as const) {
    it(`${to}: of several machines give what one machine solves, whatever their number and order`, async () => {
      const options: SwapOptions = { to, ...(to === 'group' && { groups: 2 }) };
      const whole = await solveOnce(findSites(model), planned(options), data, options);
      for (const of of [1, 2, 3]) {
        const parts = await Promise.all(Array.from({ length: of }, (_, at) => shard(at + 1, of, options)));
        const files = parts.map(({ bytes }, at) => ({ file: `${at}.moments`, bytes })).reverse();
        const { plan: solved, facts } = await solveShards(planned(options), files, sourceOf(model), options);
        const [a, b] = [numbers(solved), numbers(whole.plan)];
        expect(a.length).to.be.above(0);
        for (const [at, it] of a.entries()) expect(it, `${at} of ${of}`).to.be.closeTo(b[at] as number, 1e-6);
        expect(facts).to.deep.include({
          solvedOn: whole.solvedOn.length,
          heldOut: whole.heldOut.length,
          measured: false,
        });
        expect(parts.reduce((sum, { draft }) => sum + (draft.calibration?.solvedOn ?? 0), 0)).to.equal(facts.solvedOn);
      }
    });
  }

  it('begin their output once, when it is known that there is something to write', async () => {
    expect((await shard(1, 2)).begun).to.equal(1);
    let begun = 0;
    const host = { images: {}, openData: async () => opened, begin: () => begun++ };
    const many = gatherMoments(new Job('m', 'moments'), model, {}, { ...host, shard: { index: 1, of: 99 } });
    const error = await rejection(many);
    expect(error).to.include({ code: 'invalid-data', remedy: 'Use fewer shards' });
    expect(error.message).to.equal('shard 1 of 99 is empty: there are only 12 inputs');
    const nothing = gatherMoments(
      new Job('m', 'moments'),
      readModel(writeModel(line())),
      {},
      { ...host, shard: { index: 1, of: 1 } },
    );
    expect((await rejection(nothing)).code).to.equal('nothing-to-swap');
    expect(begun).to.equal(0);
  });

  it('of another model, another seed or too few files are refused', async () => {
    const [one, two] = [await shard(1, 2), await shard(2, 2)];
    const files = (...list: { bytes: Uint8Array }[]) => list.map(({ bytes }, at) => ({ file: `${at}.moments`, bytes }));
    const solve = (list: ReturnType<typeof files>, source = model) =>
      rejection(solveShards(planned(), list, sourceOf(source), {}));
    expect((await solve(files(one))).code).to.equal('invalid-data');
    expect((await solve(files(one, one))).code).to.equal('invalid-data');
    expect((await solve(files(one, await shard(2, 2, { seed: 4 })))).code).to.equal('invalid-data');
    const other = readModel(writeModel(classifier({ seed: 9 })));
    expect((await solve(files(one, two), other)).code).to.be.oneOf(['invalid-data', 'invalid-arguments']);
  });
});
