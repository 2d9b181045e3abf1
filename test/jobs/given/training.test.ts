import { expect } from 'chai';
import { fixtureNamed } from '../../../fixtures/index.ts';
import {
  compareFinetune,
  DataType,
  type FinetuneOptions,
  finetune,
  gradientOf,
  labelledOf,
  type Model,
  trainer,
} from '../../../src/index.ts';
import { writeModel } from '../../../src/onnx/model.ts';
import { rejection } from '../../support/errors.ts';

const model = fixtureNamed('rank-4').build();
const x = { type: DataType.FLOAT, dims: [2, 1], data: new Float32Array(2) };
const data = labelledOf({ x }, { kind: 'class', labels: [0, 1] });
const said = async (run: Promise<unknown>) => {
  const error = await rejection(run);
  expect(error.code).to.equal('invalid-arguments');
  return error.describe();
};
const trains = (options: object) => said(finetune(model, data, { task: 'classify', ...options } as FinetuneOptions));

describe('jobs/given/training', () => {
  it('refuses numbers that would train nothing, or no number', async () => {
    expect(await trains({ epochs: 0 })).to.equal('epochs is 0. Give a positive whole number.');
    expect(await trains({ rate: -1 })).to.equal('rate is -1. Give auto, or a positive rate, such as 3e-4.');
    expect(await trains({ clip: 'x' })).to.match(/^clip is "x"/);
  });

  it('refuses names that are not known', async () => {
    expect(await trains({ optimizer: 'adam' })).to.equal('optimizer is "adam". Give one of sgd, adamw.');
    expect(await trains({ augment: ['blur'] })).to.match(/^augment is a list\. Give a list of flip, crop, rotate/);
    expect(await trains({ train: 'norms' })).to.match(/^train is "norms"\. Give a list of words/);
    expect(await trains({ learningRate: 1 })).to.match(/^there is no option learningRate/);
    expect(await said(gradientOf(model, { loss: 'nope' as 'mse' }))).to.match(/^loss is "nope"\. Give one of none, /);
  });

  it('refuses bytes for a model, and what is no samples', async () => {
    const bytes = writeModel(model) as unknown as Model;
    const options = { task: 'classify' } as FinetuneOptions;
    expect(await said(finetune(bytes, data, options))).to.match(/^finetune needs a model, and the bytes of a file/);
    expect(await said(finetune(model, {} as typeof data, options))).to.equal(
      'finetune needs labelled samples. Give labelled samples, as labelledOf makes them.',
    );
    const compared = { task: 'classify' } as Parameters<typeof compareFinetune>[2];
    expect(await said(compareFinetune(model, data, compared))).to.match(/^compareFinetune with options\.held needs/);
    const alone = { loss: 'mse' } as Parameters<typeof trainer>[1];
    expect(await said(trainer(model, alone))).to.equal('sample is null. Give an object { inputs }.');
  });
});
