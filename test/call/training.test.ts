import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import { finetuneCall } from '../../src/call/finetune.ts';
import { openTraining, taskFor } from '../../src/call/training.ts';
import { withClassNames } from '../../src/measure/class-names.ts';
import { rejection } from '../support/errors.ts';
import { MemoryFiles, plainPng } from '../support/files.ts';
import { classifier } from '../support/training.ts';

describe('samples of a training run', () => {
  it('have the classes of the model in its order, if its file or --old-classes names them all', async () => {
    const red = await plainPng('#f00', 8);
    const files = new MemoryFiles({ 'd/a/1.png': red, 'd/a/2.png': red, 'd/b/1.png': red, 'd/c/1.png': red });
    const named = withClassNames(classifier(), ['c', 'a', 'b']);
    const classesOf = async (model = named, typed = {}) => {
      const asked = { ...finetuneCall(typed), task: 'classify' } as const;
      const { sets } = await openTraining('d', model, asked, {}, files);
      return [sets.train.classes, sets.val.classes];
    };
    const own = ['c', 'a', 'b'];
    expect(await classesOf()).to.deep.equal([own, own]);
    expect(await classesOf(classifier(), { 'old-classes': 'c,a,b' })).to.deep.equal([own, own]);
    // One that is new makes it another list.
    const alphabet = ['a', 'b', 'c'];
    expect(await classesOf(withClassNames(classifier(), ['c', 'a', 'x']))).to.deep.equal([alphabet, alphabet]);
    expect(await classesOf(named, { classes: 'b,a,c' })).to.deep.equal([
      ['b', 'a', 'c'],
      ['b', 'a', 'c'],
    ]);
  });
});

describe('what is to be learned, where samples do not tell', () => {
  it('is asked for with what the model can answer first', async () => {
    const files = new MemoryFiles({ 'd/1.png': await plainPng('#f00', 8), 'd/2.png': await plainPng('#00f', 8) });
    const asked = async (dims: readonly (number | string)[]) => {
      const net = new Net();
      const model = net.output(net.relu(net.input('x', ['N', 3, 8, 8])), [...dims]).model();
      const { remedy, next } = await rejection(taskFor(finetuneCall({}), 'd', files, model));
      return [remedy, next?.set?.task];
    };
    expect(await asked(['N', 5])).to.deep.equal([
      'Use --task classify (or segment, detect, regress, distill)',
      'classify',
    ]);
    expect(await asked(['N', 2, 4, 4])).to.deep.equal([
      'Use --task segment (or classify, detect, regress, distill)',
      'segment',
    ]);
  });
});
