import { expect } from 'chai';
import { FIXTURES, fixtureNamed } from '../../fixtures/index.ts';
import { group } from '../../src/norms/group.ts';
import { INITS } from '../../src/norms/inits/index.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { opsetVersion } from '../../src/onnx/model.ts';
import type { PlanOptions } from '../../src/plan/choices.ts';
import { legalForms, plan, type SitePlan } from '../../src/plan/index.ts';
import { convertCommand } from '../../src/words.ts';
import { plainStatistics, siteOf } from '../support/site.ts';
import { searchOf } from '../support/swapped.ts';

/** The only site of a plan for sites made by hand, at opset 17. */
function planned(changes: Parameters<typeof siteOf>[0], options: PlanOptions = {}, opset = 17): SitePlan {
  const { sites, refusals } = plan([siteOf(changes)], opset, options);
  expect(refusals).to.deep.equal([]);
  return sites[0] as SitePlan;
}

function refusal(changes: Parameters<typeof siteOf>[0], options: PlanOptions = {}, opset = 17) {
  const { sites, refusals } = plan([siteOf(changes)], opset, options);
  expect(sites).to.deep.equal([]);
  expect(refusals.length).to.equal(1);
  return refusals[0];
}

describe('plan', () => {
  for (const fixture of FIXTURES) {
    it(`${fixture.name}: ${fixture.sites} planned, ${fixture.refusals.join(', ') || 'none'} refused`, async () => {
      const { model, sites, refusals } = await searchOf(fixture);
      const result = plan(sites, opsetVersion(model.proto) ?? 0, {}, refusals);
      expect(result.sites.length).to.equal(fixture.sites);
      expect(result.refusals.map(({ code }) => code)).to.deep.equal(fixture.refusals);
      for (const { reason, remedy, op } of result.refusals) {
        expect(reason).to.match(/\S+ \S+/);
        expect(remedy).to.match(/^[A-Z]/);
        expect(op).not.to.equal('');
      }
    });
  }

  it('is for group norm from running statistics, unless told otherwise', () => {
    const result = plan([siteOf()], 17);
    expect([result.norm, result.tag]).to.deep.equal(['group', 'gn']);
    expect(result.sites[0]?.init).to.equal('statistics');
  });

  it('takes the native form from opset 21 on, and reduce below', () => {
    expect(planned({ shape: [2, 8, 4, 4] }, {}, 21).form).to.equal('native');
    // It fails on an empty batch, which an open one may be.
    expect(planned({}, {}, 21).form).to.equal('reduce');
    expect(planned({}, { form: 'native' }, 21).form).to.equal('native');
    expect(planned({}, {}, 20).form).to.equal('reduce');
    expect(planned({}, { form: 'auto' }, 7).form).to.equal('reduce');
    // GroupNormalization needs a spatial axis.
    expect(planned({ shape: [2, 8] }, {}, 21).form).to.equal('reduce');
  });

  it('holds γ′ and β′ by the init that was asked for', () => {
    const statistics = { ...plainStatistics(8), scale: new Float64Array(8).fill(3), bias: new Float64Array(8).fill(4) };
    for (const init of INITS) {
      const { groups, scale, bias, init: name } = planned({ statistics }, { init: init.name, groups: 2 });
      expect(name).to.equal(init.name);
      expect({ scale, bias }).to.deep.equal(init.parameters(statistics, groups, 1e-5));
    }
  });

  it('carries the remark of a number of groups that does not divide', () => {
    expect(planned({}, { groups: 3 })).to.deep.include({
      groups: 2,
      notes: ['8 channels cannot be split into 3 groups; using 2'],
    });
    expect(planned({}, { groups: 4 }).notes).to.deep.equal([]);
  });

  it('remarks on an ε of 0, which BatchNormalization can afford and a norm of its input can not', () => {
    expect(planned({ epsilon: 0 }).notes).to.deep.equal(['ε is 0, so a group with equal numbers gives NaN']);
  });

  it('carries on what the search refused', () => {
    const found = { name: 'a', path: '', op: 'BatchNormalization', code: 'rank', reason: 'r', remedy: 'm' } as const;
    expect(plan([siteOf()], 17, { exclude: [/./] }, [found]).refusals.map(({ code }) => code)).to.deep.equal([
      'rank',
      'excluded',
    ]);
  });

  describe('refuses', () => {
    it('groups of one number, and names the most groups that are not', () => {
      for (const shape of [
        [undefined, 12],
        [undefined, 12, 1, 1],
      ]) {
        expect(refusal({ channels: 12, shape }, { groups: 12 })).to.include({
          code: 'single-element-groups',
          reason: 'a group would hold a single number, so its output would always be β',
          remedy: 'Use at most 6 groups',
        });
        expect(planned({ channels: 12, shape }, { groups: 6 }).groups).to.equal(6);
      }
      expect(refusal({ channels: 3, shape: [1, 3] }, { groups: 3 })?.remedy).to.equal('Use at most 1 group');
      expect(refusal({ channels: 1, shape: [1, 1] })?.remedy).to.equal('It stays as it is; it has a single channel');
      // One channel a group is fine where there is a map, or may be one.
      expect(planned({ channels: 12, shape: [undefined, 12, undefined, 1] }, { groups: 12 }).groups).to.equal(12);
      expect(planned({ channels: 12, shape: undefined }, { groups: 12 }).groups).to.equal(12);
    });

    it('a form that is not legal, with its reason', () => {
      expect(refusal({}, { form: 'native' }, 17)).to.include({
        code: 'form',
        reason: 'native: GroupNormalization with a γ per channel needs opset 21; the model has 17',
        remedy: 'Choose another --form, or auto',
      });
    });

    it('a norm without a form at this opset, with what helps', () => {
      expect(refusal({}, { to: 'batch-renorm' }, 7)?.remedy).to.equal(
        `Choose another norm with --to, or convert the model to opset 13 or later: ${convertCommand(13)}`,
      );
    });

    it('a site for which no form is legal, with the reason of each', () => {
      const { reason = '' } = refusal({ elementType: DataType.BFLOAT16 }, {}, 12) ?? {};
      for (const name of group.forms) expect(reason).to.include(`${name}: `);
    });

    it('a γ or β that the element type does not hold', () => {
      const variance = new Float64Array(8).fill(64_000);
      variance[2] = 0;
      const site = { elementType: DataType.FLOAT16, statistics: { ...plainStatistics(8), variance } };
      expect(refusal(site)).to.include({
        code: 'overflow',
        reason: 'its new γ of channel 2 would be 7.48e+4, which is out of range for float16',
        remedy: 'Use --init copy, or convert the model to float32',
      });
      expect(planned(site, { init: 'copy' }).init).to.equal('copy');
      expect(planned({ ...site, elementType: DataType.FLOAT }).init).to.equal('statistics');

      const mean = new Float64Array(8).fill(1e4);
      mean[5] = -1e4;
      const far = { ...plainStatistics(8), mean, scale: new Float64Array(8).fill(5) };
      expect(refusal({ elementType: DataType.FLOAT16, statistics: far })?.reason).to.match(/^its new β of channel 5/);
    });

    it('what is not included, or excluded', () => {
      const names = ({ sites }: ReturnType<typeof plan>) => sites.map(({ site }) => site.name);
      const sites = ['layer1/bn', 'layer2/bn', 'head/norm'].map((name) => siteOf({ name }));
      const chosen = (options: PlanOptions) => names(plan(sites, 17, options));
      expect(chosen({ include: [/^layer/] })).to.deep.equal(['layer1/bn', 'layer2/bn']);
      expect(chosen({ include: [/1/, /head/] })).to.deep.equal(['layer1/bn', 'head/norm']);
      expect(chosen({ exclude: [/bn$/] })).to.deep.equal(['head/norm']);
      expect(chosen({ include: [/layer/], exclude: [/2/] })).to.deep.equal(['layer1/bn']);
      // A global expression remembers where it was; that must not matter.
      expect(chosen({ include: [/bn/g] })).to.deep.equal(['layer1/bn', 'layer2/bn']);
      const { refusals } = plan(sites, 17, { include: [/head/] });
      expect(refusals.map(({ name, code }) => [name, code])).to.deep.equal([
        ['layer1/bn', 'excluded'],
        ['layer2/bn', 'excluded'],
      ]);
    });
  });

  it('knows every legal form of a site, the chosen one first', () => {
    const names = (it: SitePlan, opset: number) => legalForms(it, opset).map(({ name }) => name);
    expect(names(planned({}, { form: 'instance' }), 17)).to.deep.equal(['instance', 'reduce', 'instance-conv']);
    expect(names(planned({ shape: [2, 8, 4, 4] }, {}, 21), 21)).to.deep.equal([
      'native',
      'reduce',
      'instance',
      'instance-conv',
    ]);
  });

  it('does not change its sites', async () => {
    const { sites } = await searchOf(fixtureNamed('opset-17'));
    const before = structuredClone(sites[0]?.statistics);
    plan(sites, 17, { groups: 4 });
    expect(sites[0]?.statistics).to.deep.equal(before);
  });
});
