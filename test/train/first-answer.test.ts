import { expect } from 'chai';
import { numbersIn } from '../../src/runtime/session.ts';
import { firstAnswer, forgetAnswers } from '../../src/train/first-answer.ts';
import { rejection } from '../support/errors.ts';
import { runModel } from '../support/session.ts';
import { classifier, labelledPictures, line } from '../support/training.ts';

describe('firstAnswer', () => {
  it('runs a model once on a sample, whoever asks', async () => {
    const { inputs } = await labelledPictures(2, 2).load(0);
    const model = classifier();
    const answer = await firstAnswer(model, inputs);
    expect(await firstAnswer(model, inputs)).to.equal(answer);
    const expected = numbersIn((await runModel(model, inputs)).p);
    for (const [index, it] of Array.from(numbersIn(answer.p)).entries())
      expect(it).to.be.closeTo(expected[index] as number, 1e-6);
  });

  it('tells models and samples apart', async () => {
    const data = labelledPictures(2, 2);
    const [{ inputs }, other] = [await data.load(0), await data.load(1)];
    const model = classifier();
    const answer = await firstAnswer(model, inputs);
    expect(await firstAnswer(classifier(), inputs)).to.not.equal(answer);
    expect((await firstAnswer(model, other.inputs)).p?.data).to.not.deep.equal(answer.p?.data);
  });

  it('leaves out what the model does not take', async () => {
    const { inputs } = await labelledPictures(1, 1).load(0);
    const [x] = Object.values(inputs);
    const answer = await firstAnswer(classifier(), { ...inputs, other: x as NonNullable<typeof x> });
    expect(answer.p?.dims).to.deep.equal([1, 3]);
  });

  it('fails for all who ask where a model does not run', async () => {
    const { inputs } = await labelledPictures(1, 1).load(0);
    const model = line();
    const error = await rejection(firstAnswer(model, inputs));
    expect(error.code).to.equal('runtime-failed');
    expect(await rejection(firstAnswer(model, inputs))).to.equal(error);
  });

  it('runs again once its answers are forgotten', async () => {
    const { inputs } = await labelledPictures(1, 1).load(0);
    const model = classifier();
    const answer = await firstAnswer(model, inputs);
    forgetAnswers(inputs);
    const again = await firstAnswer(model, inputs);
    expect(again).to.not.equal(answer);
    expect(again.p?.data).to.deep.equal(answer.p?.data);
  });
});
