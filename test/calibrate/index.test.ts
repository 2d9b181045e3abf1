import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { calibrate, split } from '../../src/calibrate/index.ts';
import { LEAST_SLOPE, LEAST_VARIANCE } from '../../src/calibrate/solve.ts';
import { findSites } from '../../src/find/index.ts';
import { float32Twin } from '../../src/graph/float32.ts';
import { groupsWithin, PAPER_GROUPS } from '../../src/norms/group.ts';
import { DataType, isHalf } from '../../src/onnx/data-type.ts';
import { opsetVersion } from '../../src/onnx/model.ts';
import { plan, type SitePlan } from '../../src/plan/index.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { calibrateSearch, type Expected, expectations, madeInputs } from '../support/calibration.ts';
import { rejection } from '../support/errors.ts';
import { searchOf } from '../support/swapped.ts';

/**
 * How far solved values may be from float64 on whole tensors, in deviations of y. Statistics are of float32 sums of at most
 * some thousand numbers, so 1e-6 of the values' size, which may be many deviations: a hundred for `mean-large`. Types of 16
 * bits are rounded on their way through the model, by 5e-4 for each of a few operators.
 */
function near(name: string, { site }: SitePlan): number {
  if (isHalf(site.elementType)) return 5e-3;
  if (site.elementType === DataType.DOUBLE) return 1e-12;
  return name === 'mean-large' ? 5e-4 : 1e-4;
}

/** Channels of whose slope the data tell something, by the rule that solve.ts states. */
function usable(before: SitePlan, expected: Expected): boolean[] {
  return expected.scale.map((slope, channel) => {
    const initial = before.scale[channel] as number;
    const variance = (expected.deviationX[channel] as number) ** 2;
    return variance > LEAST_VARIANCE && slope * (Math.sign(initial) || 1) > LEAST_SLOPE * Math.abs(initial);
  });
}

/** What lines explain of the channels that vary; undefined if none does. */
function shareOf({ deviationY, meanY, explained }: Expected, isUsable: readonly boolean[]): number | undefined {
  let [part, total] = [0, 0];
  for (const [channel, deviation] of deviationY.entries()) {
    const variance = deviation ** 2;
    if (variance <= 1e-10 * ((meanY[channel] as number) ** 2 + variance)) continue;
    if (isUsable[channel]) part += explained[channel] as number;
    total += variance;
  }
  return total === 0 ? undefined : part / total;
}

/** Not fed by made inputs, by none at all, or without an answer of the source's in every channel. */
const APART = new Set(['rank-unknown-reshape', 'bn-on-constant', 'epsilon-zero']);

describe('calibrate', () => {
  for (const fixture of FIXTURES) {
    if (fixture.sites === 0 || fixture.notRunnable !== undefined || fixture.files || APART.has(fixture.name)) continue;
    it(`${fixture.name}: every site keeps mean and deviation on what reaches it once all before it are swapped`, async () => {
      const search = await searchOf(fixture);
      const inputs = fixture.inputs?.() ?? madeInputs(search.model, 6);
      const before = plan(search.sites, opsetVersion(search.model.proto) ?? 0, {}, search.refusals).sites;
      const calibrated = await calibrateSearch(search, 6, { inputs });
      const { plan: solved, fits } = calibrated.calibration;
      const outer = solved.sites.filter(({ site }) => site.path === '');
      for (const it of solved.sites) {
        expect(it.init, it.site.name).to.equal(it.site.path === '' ? 'calibrate' : 'statistics');
        if (it.site.path !== '') expect(it.notes.join()).to.match(/in a subgraph, so solved from running statistics/);
      }
      expect(fits.map(({ name }) => name)).to.deep.equal(outer.map(({ site }) => site.name));
      if (outer.length === 0) return;
      for (const [it, expected] of await expectations(calibrated)) {
        const { name } = it.site;
        // The line of all its places together is another than that of each: see test/find/tied.test.ts.
        if (it.site.tied !== undefined) continue;
        const initial = before.find(({ site }) => site.name === name) as SitePlan;
        const isUsable = usable(initial, expected);
        const fit = fits.find((one) => one.name === name);
        expect(fit?.fallbacks, `channels of ${name} that tell nothing`).to.equal(isUsable.filter((one) => !one).length);
        for (let channel = 0; channel < it.channels; channel++) {
          const [scale, bias] = [it.scale[channel] as number, it.bias[channel] as number];
          const spread = expected.deviationY[channel] || 1;
          const off = isUsable[channel]
            ? (Math.abs(scale - (expected.scale[channel] as number)) * (expected.deviationX[channel] as number)) /
              spread
            : Math.abs(scale - (initial.scale[channel] as number));
          expect(off, `γ of channel ${channel} of ${name}`).to.be.at.most(near(fixture.name, it));
          const [answer, y] = [expected.meanAnswer[channel] as number, expected.meanY[channel] as number];
          // Where γ is 0 or y does not vary, what is left of it is rounding beside its own size, and that of γ′ x̂.
          const size = Math.max(spread, Math.abs(y), Math.abs(scale), Math.abs(bias));
          expect(Math.abs(answer - y) / size, `mean of channel ${channel} of ${name}`).to.be.at.most(
            near(fixture.name, it),
          );
        }
        const share = shareOf(expected, isUsable);
        if (share === undefined) expect(fit?.r2, `R² of ${name}`).to.be.NaN;
        else expect(fit?.r2, `R² of ${name}`).to.be.closeTo(share, 1e-3);
      }
    });
  }

  it('solves the very same again, and other values on other samples', async () => {
    const search = await searchOf(fixtureNamed('depthwise'));
    const once = async (seed: number) => {
      const inputs = madeInputs(search.model, 6, seed);
      return (await calibrateSearch(search, 6, { inputs, chooseGroups: true })).calibration.plan.sites;
    };
    const first = await once(1);
    expect(await once(1)).to.deep.equal(first);
    expect((await once(2)).map(({ scale }) => scale)).to.not.deep.equal(first.map(({ scale }) => scale));
  });

  it('holds some samples out, on which nothing is solved', async () => {
    const search = await searchOf(fixtureNamed('dynamic-batch'));
    const inputs = madeInputs(search.model, 10);
    const { solvedOn, heldOut, plan: before } = (await calibrateSearch(search, 10, { inputs })).calibration;
    expect(heldOut).to.have.length(2);
    const changed: Value = { ...(inputs.x as Value), data: Float32Array.from(numbersOf(inputs.x as Value) ?? []) };
    const size = changed.data.length / 10;
    for (const sample of heldOut) (changed.data as Float32Array).fill(100, sample * size, (sample + 1) * size);
    const again = (await calibrateSearch(search, 10, { inputs: { x: changed } })).calibration;
    expect(again.solvedOn).to.deep.equal(solvedOn);
    expect(again.plan.sites).to.deep.equal(before.sites);
  });

  describe('where the groups are chosen by the data', () => {
    it('takes the divisor of C whose line explains most, of those up to the paper’s G', async () => {
      const net = new Net();
      const x = net.conv(net.input('x', ['N', 3, 6, 6]), 3, 64, { kernel: 3 });
      const y = net.bn(net.conv(net.relu(net.bn(x, 64)), 64, 96), 96);
      const search = findSites(net.output(y, ['N', 96, 6, 6]).model());
      const { calibration } = await calibrateSearch(search, 12, { chooseGroups: true });
      for (const [index, { groups: tried }] of calibration.fits.entries()) {
        const it = calibration.plan.sites[index] as SitePlan;
        const most = groupsWithin(it.channels, PAPER_GROUPS);
        expect(tried?.map(({ groups }) => groups)).to.deep.equal(
          Array.from({ length: most }, (_, i) => i + 1).filter((groups) => it.channels % groups === 0),
        );
        const best = Math.max(...(tried ?? []).map(({ r2 }) => r2));
        expect(tried?.find(({ groups }) => groups === it.groups)?.r2).to.equal(best);
      }
    });

    it('keeps the plan’s where a single sample would let any number explain all', async () => {
      const search = await searchOf(fixtureNamed('depthwise'));
      const { calibration } = await calibrateSearch(search, 1, { chooseGroups: true, groups: 4 });
      const planned = plan(search.sites, 17, { groups: 4 }).sites.map(({ groups }) => groups);
      expect(planned).to.include(4);
      expect(calibration.plan.sites.map(({ groups }) => groups)).to.deep.equal(planned);
      expect(calibration.fits.every(({ groups }) => groups === undefined)).to.equal(true);
      expect(calibration).to.deep.include({ solvedOn: [0], heldOut: [] });
    });
  });

  it('goes through the float32 twin for a type that the runtime has no values of', async () => {
    for (const name of ['type-bfloat16', 'type-bfloat16-native']) {
      const search = await searchOf(fixtureNamed(name));
      const twin = findSites(float32Twin(search.model));
      const inputs = madeInputs(twin.model, 6);
      const own = (await calibrateSearch(search, 6, { inputs })).calibration;
      const ofTwin = (await calibrateSearch(twin, 6, { inputs })).calibration;
      const [site] = own.plan.sites as [SitePlan];
      expect(site.init).to.equal('calibrate');
      expect(site.site).to.equal(search.sites[0]);
      expect(site.scale).to.deep.equal(ofTwin.plan.sites[0]?.scale);
      expect(own.fits).to.deep.equal(ofTwin.fits);
    }
  });

  it('goes through it too where the runtime lacks a kernel, as it does for Conv in float64', async () => {
    const net = new Net({ type: DataType.DOUBLE });
    const x = net.conv(net.input('x', ['N', 3, 4, 4]), 3, 8, { kernel: 3 });
    const search = findSites(net.output(net.relu(net.bn(x, 8)), ['N', 8, 4, 4]).model());
    const calibrated = await calibrateSearch(search, 6, { chooseGroups: true });
    const [[it, expected]] = [...(await expectations(calibrated, float32Twin))] as [[SitePlan, Expected]];
    for (let channel = 0; channel < it.channels; channel++) {
      // Statistics in float32, on a line of size 1.
      expect(it.scale[channel]).to.be.closeTo(expected.scale[channel] as number, 1e-5);
    }
  });

  it('keeps running statistics where float16 holds no line that steep, and says so', async () => {
    const net = new Net({ type: DataType.FLOAT16 });
    // All channels but two vary a hundred times as much as in training, so that those two have a hundredth of x̂'s deviation.
    // Each has its opposite, and the group's mean is 0.
    const wide = net.weight('wide', [8, 1, 1], [1, ...new Array<number>(7).fill(100)]);
    const half = net.node('Mul', [net.input('x', ['N', 8, 4, 4]), wide]);
    const scaled = net.node('Concat', [half, net.node('Neg', [half])], { axis: 1 });
    const of = (first: number, others: number) => [first, ...new Array<number>(15).fill(others)];
    const norm = { scale: of(1000, 1), bias: of(0, 0), mean: of(0, 0), variance: of(1, 1) };
    const search = findSites(net.output(net.bn(scaled, 16, norm)).model());
    const planned = plan(search.sites, 17, {}).sites[0] as SitePlan;
    const { calibration } = await calibrateSearch(search, 6);
    const [it] = calibration.plan.sites as [SitePlan];
    expect(it).to.deep.include({ init: 'statistics', scale: planned.scale, bias: planned.bias });
    expect(it.notes.join()).to.match(
      /solved from running statistics, because .* of channel 0 would be .*which is out of range for float16/i,
    );
    expect(calibration.fits).to.deep.equal([]);
  });

  it('names the site that NaN or infinity reaches, whatever they came from', async () => {
    const search = await searchOf(fixtureNamed('dynamic-batch'));
    const { x } = madeInputs(search.model, 4) as { x: Value };
    const damaged = { ...x, data: new Float32Array(x.data.length).fill(Number.NaN) };
    const error = await rejection(calibrateSearch(search, 4, { inputs: { x: damaged } }));
    expect(error).to.include({ code: 'invalid-data', node: search.sites[0]?.name });
    expect(error.remedy).to.match(/^Check the inputs/);
    // A source that divides by a variance of 0, with ε = 0.
    const zero = await rejection(calibrateSearch(await searchOf(fixtureNamed('epsilon-zero')), 4));
    expect(zero).to.include({ code: 'invalid-data' });
  });

  it('blames the data where the source does not run on them', async () => {
    const net = new Net();
    const x = net.node('Reshape', [net.input('x', ['N', 'K']), net.weight('shape', [2], [-1, 6], DataType.INT64)]);
    const search = findSites(net.output(net.bn(x, 6), ['M', 6]).model());
    const inputs = { x: { type: DataType.FLOAT, dims: [4, 5], data: new Float32Array(20).map((_, i) => i) } };
    for (const chooseGroups of [false, true]) {
      const error = await rejection(calibrateSearch(search, 4, { inputs, chooseGroups }));
      expect(error).to.include({ code: 'invalid-data' });
      expect(error.message).to.match(/the source does not run on calibration inputs "x" \[\d, 5\]/);
      expect(error.remedy).to.include('along the first axis');
    }
  });

  it('refuses data without the model’s input', async () => {
    const search = await searchOf(fixtureNamed('dynamic-batch'));
    const planned = plan(search.sites, 17, {});
    const data = { count: 3, keyOf: () => '', load: async () => ({}) };
    const options = { data, seed: 0, chooseGroups: true };
    expect(await rejection(calibrate(search, planned, options))).to.include({ code: 'invalid-data', node: 'x' });
  });
});

describe('split', () => {
  it('holds out a fifth, one at least where there are two, in ascending order', () => {
    for (const [count, kept] of [
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
      [8, 2],
      [64, 13],
    ] as const) {
      const { solvedOn, heldOut } = split(count, 3);
      expect(heldOut, String(count)).to.have.length(kept);
      expect([...solvedOn, ...heldOut].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: count }, (_, i) => i));
      for (const list of [solvedOn, heldOut]) expect(list).to.deep.equal([...list].sort((a, b) => a - b));
    }
  });

  it('is chosen by the seed', () => {
    expect(split(64, 1)).to.deep.equal(split(64, 1));
    expect(split(64, 1).heldOut).to.not.deep.equal(split(64, 2).heldOut);
  });
});
