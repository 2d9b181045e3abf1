import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { FORMS } from '../../src/forms/index.ts';
import { swap } from '../../src/jobs/swap.ts';
import { NORMS } from '../../src/norms/index.ts';
import { readModel, writeModel } from '../../src/onnx/model.ts';
import { OPTIONS } from '../../src/options/index.ts';
import { CONSUMERS, consumerFor } from '../../src/plan/consumers.ts';
import { cli } from '../support/cli.ts';
import { rejection, thrown } from '../support/errors.ts';

describe('CONSUMERS', () => {
  it('have different names, which --for takes, and forms that exist', () => {
    const names = CONSUMERS.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    expect(OPTIONS.for.choices).to.deep.equal(names);
    const forms = FORMS.map(({ name }) => name);
    for (const it of CONSUMERS) {
      expect(forms, it.name).to.include.members([...it.forms, ...Object.values(it.formsOf ?? {}).flat()]);
      expect(NORMS.map(({ name }) => name)).to.include.members(Object.keys(it.formsOf ?? {}));
    }
  });

  it('refuse what they do not read, with the remedy', () => {
    expect(thrown(() => consumerFor('nobody', 17)).code).to.equal('invalid-arguments');
    const error = thrown(() => consumerFor('pytorch', 20));
    expect(error.code).to.equal('unsupported-model');
    expect(error.describe()).to.equal(
      'opset 20 is newer than onnx2torch 1.5.15 supports (18). Export the model at opset 18 or earlier, or drop --for.',
    );
    expect(consumerFor('pytorch', 18).name).to.equal('pytorch');
    expect(consumerFor('tract', 99).forms[0]).to.equal('native');
  });
});

describe('--for', () => {
  const formsOf = async (fixture: string, consumer: string) => {
    const { plan, verification } = await swap(writeModel(fixtureNamed(fixture).build()), { for: consumer });
    expect(verification?.passed, `${fixture} ${consumer}`).to.equal(true);
    return new Set(plan.sites.map(({ form }) => form));
  };

  it('picks the first form that the opset allows', async () => {
    for (const it of CONSUMERS) {
      const wanted = it.forms[0] === 'native' ? it.forms[1] : it.forms[0];
      expect([...(await formsOf('opset-17', it.name))], it.name).to.deep.equal([wanted]);
    }
    expect([...(await formsOf('opset-21', 'tract'))]).to.deep.equal(['native']);
    expect([...(await formsOf('opset-21', 'tensorrt'))]).to.deep.equal(['instance']);
  });

  it('takes the forms that the reader has for float64', async () => {
    expect([...(await formsOf('type-float64', 'onnxruntime'))]).to.deep.equal(['reduce']);
    expect([...(await formsOf('type-float64', 'ncnn'))]).to.deep.equal(['instance']);
  });

  it('picks for other norms what the reader takes of them', async () => {
    const formOf = async (fixture: string, consumer: string, to: string) => {
      const { plan, verification } = await swap(writeModel(fixtureNamed(fixture).build()), { for: consumer, to });
      expect(verification?.passed, `${fixture} ${consumer}`).to.equal(true);
      return plan.sites[0]?.form;
    };
    // With one number a channel the trainer's LayerNormalization takes γ; with more, it broadcasts none.
    expect(await formOf('rank-2-gemm', 'ort-training', 'layer')).to.equal('native-trainable');
    expect(await formOf('opset-17', 'ort-training', 'layer')).to.equal('reduce');
    expect(await formOf('opset-17', 'onnxruntime', 'instance')).to.equal('native');
    // What is known of its GroupNormalization says nothing of InstanceNormalization.
    expect(await formOf('opset-21', 'tract', 'instance')).to.equal('reduce');
  });

  it('is refused together with --form', async () => {
    const bytes = writeModel(fixtureNamed('opset-17').build());
    expect((await rejection(swap(bytes, { for: 'ncnn', form: 'reduce' }))).message).to.equal(
      '--form reduce and --for ncnn are both given',
    );
    expect((await swap(bytes, { for: 'ncnn', form: 'auto', verify: false })).plan.sites).to.have.length(1);
  });

  it('lifts the constants that a trainer looks for as initializers', async () => {
    const bytes = writeModel(fixtureNamed('unused-constants').build());
    const constants = (model: Uint8Array) =>
      readModel(model).proto.graph.node.filter(({ opType }) => opType === 'Constant').length;
    expect(constants(bytes)).to.be.greaterThan(0);
    expect(constants((await swap(bytes, { for: 'ort-training' })).model)).to.equal(0);
  });

  it('is told of by gn-swap consumers', async () => {
    const { status, stdout, stderr } = await cli(['consumers']);
    expect([status, stderr]).to.deep.equal([0, '']);
    const rows = stdout.split('\n').map((line) => line.split(/ {2,}/));
    for (const { name, reads } of CONSUMERS) expect(rows.find(([it]) => it === name)?.[1]).to.equal(reads);
  });
});
