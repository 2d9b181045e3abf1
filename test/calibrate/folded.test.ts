import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { fixtureNamed } from '../../fixtures/index.ts';
import { calibrate } from '../../src/calibrate/index.ts';
import { findSites, type Search } from '../../src/find/index.ts';
import { withOutputs } from '../../src/graph/extract.ts';
import { type Model, opsetVersion } from '../../src/onnx/model.ts';
import { type Plan, plan } from '../../src/plan/index.ts';
import { rewrite } from '../../src/rewrite/index.ts';
import { numbersOf, type Value } from '../../src/runtime/session.ts';
import { foldedSites, images, imageValue } from '../support/folded.ts';
import { naiveGroupNorm } from '../support/naive.ts';
import { runModel, valueNamed } from '../support/session.ts';

const COUNT = 5;
const GROUPS = 4;

/** Solved on the samples, of which the last ones that a calibration gets may be held out. */
async function solved(search: Search, dead = false): Promise<{ planned: Plan; samples: readonly number[] }> {
  const first = plan(search.sites, opsetVersion(search.model.proto) ?? 0, { groups: GROUPS }, search.refusals);
  const options = { data: images(COUNT), seed: 0, chooseGroups: false };
  const { plan: planned, fits, solvedOn } = await calibrate(search, first, options);
  if (!dead) expect(fits.map(({ fallbacks }) => fallbacks)).to.deep.equal(fits.map(() => 0));
  return { planned, samples: solvedOn };
}

/** Those samples of {@link images}. */
function feed(samples: readonly number[]): Value {
  const { type, dims, data } = imageValue(COUNT, 8);
  const size = data.length / COUNT;
  const chosen = samples.flatMap((sample) =>
    Array.from(data as Float32Array).slice(sample * size, (sample + 1) * size),
  );
  return { type, dims: [samples.length, ...dims.slice(1)], data: Float32Array.from(chosen) };
}

async function values(model: Model, names: readonly string[], samples: readonly number[]) {
  return runModel(withOutputs(model, names), { x: feed(samples) });
}

/** γ and β of the line from x̂ to y that keeps mean and deviation, a channel at a time, from the formula. */
function naiveLine(x: Value, y: Value, epsilon: number): { scale: number[]; bias: number[] } {
  const [samples = 0, channels = 0, height = 0, width = 0] = x.dims;
  const ones = new Array<number>(channels).fill(1);
  const zeros = new Array<number>(channels).fill(0);
  const hats = naiveGroupNorm(numbersOf(x) ?? [], x.dims, GROUPS, epsilon, ones, zeros).values;
  const targets = numbersOf(y) ?? [];
  const area = height * width;
  const line = { scale: [] as number[], bias: [] as number[] };
  for (let c = 0; c < channels; c++) {
    const places = Array.from(
      { length: samples * area },
      (_, i) => (Math.floor(i / area) * channels + c) * area + (i % area),
    );
    const mean = (of: ArrayLike<number>) => places.reduce((sum, at) => sum + (of[at] as number), 0) / places.length;
    const [mx, my] = [mean(hats), mean(targets)];
    let [xx, yy] = [0, 0];
    for (const at of places) {
      xx += ((hats[at] as number) - mx) ** 2;
      yy += ((targets[at] as number) - my) ** 2;
    }
    const slope = Math.sqrt(yy / xx);
    line.scale.push(slope);
    line.bias.push(my - slope * mx);
  }
  return line;
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  // Statistics are float32 means of some hundred numbers about 1, so a few of its roundings (6e-8) on either side.
  const worst = Math.max(
    ...expected.map((value, i) => Math.abs(value - (actual[i] as number)) / (1 + Math.abs(value))),
  );
  expect(worst, what).to.be.below(1e-5);
}

describe('calibrate at folded sites', () => {
  for (const name of ['folded-mobile', 'folded-bias-added', 'folded-transpose', 'folded-two-readers']) {
    it(`${name}: is the line from what reaches the norm to what the source's Conv made`, async () => {
      const search = foldedSites(fixtureNamed(name));
      const { planned, samples } = await solved(search);
      // With every site before it swapped: what the rewritten model has there is what the line must start from.
      const rewritten = rewrite(search.model, planned).model;
      const inputs = planned.sites.map(({ site }) => site.input);
      const outputs = planned.sites.map(({ site }) => site.output);
      const reached = await values(rewritten, inputs, samples);
      const made = await values(search.model, outputs, samples);
      for (const { site, epsilon, scale, bias, init } of planned.sites) {
        const expected = naiveLine(valueNamed(reached, site.input), valueNamed(made, site.output), epsilon);
        expect(init).to.equal('calibrate');
        expectClose(scale, expected.scale, `γ of ${site.name}`);
        expectClose(bias, expected.bias, `β of ${site.name}`);
      }
    });
  }

  it('starts a BN after a folded site from the rewritten path, and a folded site before one from the source', async () => {
    const search = findSites(fixtureNamed('folded-beside-bn').build(), undefined, 'all');
    const { planned, samples } = await solved(search);
    const rewritten = rewrite(search.model, planned).model;
    for (const { site, epsilon, scale, bias } of planned.sites) {
      const reached = await values(rewritten, [site.input], samples);
      const made = await values(search.model, [site.output], samples);
      const expected = naiveLine(valueNamed(reached, site.input), valueNamed(made, site.output), epsilon);
      expectClose(scale, expected.scale, `γ of ${site.name}`);
      expectClose(bias, expected.bias, `β of ${site.name}`);
    }
    const before = await values(search.model, [planned.sites[1]?.site.input ?? ''], samples);
    const after = await values(rewritten, [planned.sites[1]?.site.input ?? ''], samples);
    expect(Object.values(before)[0]?.data).not.to.deep.equal(Object.values(after)[0]?.data);
  });

  it('lets a channel that never changes answer what it always answers', async () => {
    const channels = 8;
    const net = new Net();
    const weights = net.numbers(channels * 3, -0.5, 0.5).fill(0, 0, 3);
    const inputs = [net.input('x', ['n', 3, 8, 8]), net.weight('W', [channels, 3, 1, 1], weights)];
    const x = net.node('Conv', [...inputs, net.weight('b', [channels], new Array<number>(channels).fill(0.25))]);
    const search = findSites(net.output(net.conv(net.relu(x), channels, 3)).model(), undefined, 'folded');
    const { planned } = await solved(search, true);
    const [site] = planned.sites;
    // x̂ does change, with its group's mean and spread, but tells nothing of y.
    expect(site?.bias[0]).to.be.closeTo(0.25, 1e-6);
    const rewritten = rewrite(search.model, planned).model;
    const answers = numbersOf(
      valueNamed(await values(rewritten, [site?.site.output ?? ''], [0]), site?.site.output ?? ''),
    );
    for (const answer of Array.from(answers ?? []).slice(0, 64)) expect(answer).to.be.closeTo(0.25, 1e-6);
  });
});
