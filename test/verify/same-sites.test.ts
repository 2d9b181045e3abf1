import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { findSites } from '../../src/find/index.ts';
import { formNamed } from '../../src/forms/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { plan } from '../../src/plan/index.ts';
import { type RewrittenSite, rewrite } from '../../src/rewrite/index.ts';
import { type Answers, type AskedSite, answersOf } from '../../src/verify/answers.ts';
import { Noise, pairOf } from '../../src/verify/site-inputs.ts';
import { verifySites } from '../../src/verify/sites.ts';
import { answered } from '../support/answered.ts';
import { setValues } from '../support/damage.ts';
import { countedHome } from '../support/home.ts';

const [COUNT, C] = [24, 8];
const SETTINGS = { optimize: false } as const;

/** A chain of norms that have nothing in common but their nodes. */
function chain(channels: (index: number) => number = () => C): { model: Model; sites: readonly RewrittenSite[] } {
  const net = new Net({ opset: 17, seed: 4 });
  let x = net.input('x', [1, channels(0), 4, 4]);
  for (let index = 0; index < COUNT; index++) {
    const [before, own] = [channels(Math.max(0, index - 1)), channels(index)];
    const moved = before === own ? net.relu(x) : net.conv(x, before, own);
    const statistics = { mean: net.numbers(own, -1, 1), variance: net.numbers(own, 0.5, 2) };
    x = net.bn(moved, own, statistics);
  }
  const { model, sites } = findSites(net.output(x).model());
  return rewrite(model, plan(sites, 17, { form: 'reduce' }));
}

function askedOf(sites: readonly RewrittenSite[]): AskedSite[] {
  return sites.map((site, index) => {
    const { channels } = site.plan;
    const data = Float32Array.from({ length: channels * 16 }, (_, i) => Math.sin(i * (index + 1)));
    const x = { type: DataType.FLOAT, dims: [1, channels, 4, 4], data };
    return { site, forms: [formNamed('instance')], pair: pairOf(x, new Noise(index)) };
  });
}

describe('sites with the same nodes', () => {
  it('are handed over a few at a time, in their order, before the next ones are asked', async () => {
    const { model, sites } = chain();
    let given = 0;
    const asked = function* () {
      for (const it of askedOf(sites)) {
        given++;
        yield it;
      }
    };
    const seen: number[] = [];
    for await (const [{ site }] of answersOf(asked(), model)) {
      expect(site).to.equal(sites[seen.length]);
      seen.push(given);
    }
    expect(seen).to.have.length(COUNT);
    for (const [index, count] of seen.entries()) expect(count).to.be.at.most(index + 8);
  });

  it('share one session, and answer as each does in its own, bit for bit', async () => {
    const { model, sites } = chain();
    const home = countedHome();
    const asked = askedOf(sites);
    const together = await answered(asked, { ...model, home });
    expect(home.loaded()).to.equal(1);
    for (const [index, it] of asked.entries()) {
      const [alone] = (await answered([it], model)) as [Answers];
      expect(together[index], it.site.plan.site.name).to.deep.equal(alone);
    }
  });

  it('have a session of their own if they have other channels', async () => {
    const { model, sites } = chain((index) => (index < 8 ? C : 16));
    const home = countedHome();
    const answers = await answered(askedOf(sites), { ...model, home });
    expect(answers.filter((it) => typeof it === 'string')).to.deep.equal([]);
    expect(home.loaded()).to.equal(2);
  });

  it('are told apart if the file has another γ or β at one', async () => {
    const { model, sites } = chain();
    const [late, first] = [sites[19], sites[0]] as [RewrittenSite, RewrittenSite];
    const failedIn = async (written: Model) => {
      const inputs = {
        x: { type: DataType.FLOAT, dims: [1, C, 4, 4], data: new Float32Array(C * 16).map((_, i) => Math.cos(i)) },
      };
      const results = await verifySites({ written, sites, inputs, memory: 1e9, seed: 0, settings: SETTINGS });
      return results.filter(({ failed }) => failed.length > 0).map(({ name }) => name);
    };
    expect(await failedIn(model)).to.deep.equal([]);
    const scaled = setValues(model, late.scale, (all) => all.map((value) => value * 1.01));
    expect(await failedIn(scaled)).to.deep.equal([late.plan.site.name]);
    const moved = setValues(model, first.bias, (all) => all.map((value) => value + 0.01));
    expect(await failedIn(moved)).to.deep.equal([first.plan.site.name]);
  });
});
