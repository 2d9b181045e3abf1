import { expect } from 'chai';
import { findSites } from '../../src/find/index.ts';
import { datasetOf } from '../../src/inputs/dataset.ts';
import { calibrationFacts, heldOutProof, measuredOn, solve, solveOnce } from '../../src/jobs/solve.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { plan } from '../../src/plan/index.ts';
import { madeInputs } from '../support/calibration.ts';
import { rejection } from '../support/errors.ts';
import { classifier } from '../support/training.ts';

const model = readModel(writeModel(classifier()));
const search = findSites(model);
const data = (count: number) => datasetOf(madeInputs(model, count));

describe('jobs/solve', () => {
  it('refuses data beside an init, and for a norm that has nothing to solve', async () => {
    const planned = plan(search.sites, 17, {});
    const both = await rejection(solve(search, planned, data(4), { init: 'copy' }));
    expect(both).to.include({ code: 'invalid-arguments', message: 'both calibrate and the init copy are given' });
    const unused = await rejection(solve(search, plan(search.sites, 17, { to: 'frozen' }), data(4), { to: 'frozen' }));
    expect(unused.code).to.equal('invalid-arguments');
  });

  it('holds some samples out of many, and measures on those; of one, on that', async () => {
    const whole = await solve(search, plan(search.sites, 17, {}), data(10), {});
    expect([whole.solvedOn.length, whole.heldOut.length]).to.deep.equal([8, 2]);
    expect([...whole.solvedOn, ...whole.heldOut].sort((a, b) => a - b)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(measuredOn(whole)).to.equal(whole.heldOut);
    const one = await solve(search, plan(search.sites, 17, {}), data(1), {});
    expect([one.solvedOn, one.heldOut, measuredOn(one)]).to.deep.equal([[0], [], [0]]);
  });

  it('leaves the groups that were asked for, and chooses others by the data', async () => {
    const groupsOf = async (options: { groups?: number }) =>
      (await solveOnce(search, plan(search.sites, 17, options), data(10), options)).plan.sites.map((it) => it.groups);
    for (const groups of [1, 2, 4]) expect(await groupsOf({ groups })).to.deep.equal([groups]);
    expect((await groupsOf({}))[0]).to.be.oneOf([1, 2, 4]);
  });

  it('gives verification inputs that were held out, and compares on all of them', async () => {
    const own = data(10);
    const calibration = await solveOnce(search, plan(search.sites, 17, {}), own, {});
    const { inputs, compare } = await heldOutProof(model, own, calibration, {});
    const [first = 0, second = 0] = calibration.heldOut;
    const expected = await Promise.all(
      [first, second].map(async (at) => Array.from((await own.load(at)).x?.data as Float32Array)),
    );
    expect(Array.from(inputs?.x?.data as Float32Array)).to.deep.equal(expected.flat());
    const same = await compare(model, model, {});
    expect(same?.kept?.inputs).to.equal(2);
    expect(same?.drift?.[0]).to.include({ relative: 0, argmax: 1 });
    const facts = calibrationFacts(
      calibration,
      { data: own, names: [], skipped: [], isOrderAssumed: true, path: 'p' },
      3,
      true,
    );
    expect(facts).to.deep.include({
      path: 'p',
      seed: 3,
      solvedOn: 8,
      heldOut: 2,
      measured: true,
      isOrderAssumed: true,
    });
    expect(facts).to.not.have.property('refined');
  });
});
