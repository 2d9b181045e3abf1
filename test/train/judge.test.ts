import { expect } from 'chai';
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import { numbersIn, withSession } from '../../src/runtime/session.ts';
import { judge, judgeIn, knownTo } from '../../src/train/judge.ts';
import { setUp } from '../../src/train/setup.ts';
import { floats } from '../support/answers.ts';
import { classifier, labelledPictures, line, points } from '../support/training.ts';

describe('train/judge', () => {
  it('scores every sample once, in their order, and tells how many are done', async () => {
    const data = labelledPictures(9, 4);
    const { task } = await setUp(classifier(), data, { task: 'classify' });
    const told: number[] = [];
    const { score, answers } = await judge(classifier(), task, data, new Set(), (done) => told.push(done));
    expect(told).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // Which class is largest, sample by sample, without the code under test.
    let right = 0;
    await withSession(classifier(), async (session) => {
      for (let sample = 0; sample < 9; sample++) {
        const { inputs, target } = await data.load(sample);
        const p = Array.from(numbersIn((await session.run(inputs)).p));
        const best = p.indexOf(Math.max(...p));
        expect(answers.get(sample)).to.deep.include({ kind: 'class', label: best });
        if (target.kind === 'class' && target.label === best) right++;
      }
    });
    expect(score.value).to.equal(right / 9);
    expect([...answers.keys()]).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('keeps only the answers that are shown, unless they are classes', async () => {
    const data = points(5);
    const { task } = await setUp(line(), data, { task: 'regress' });
    const { answers } = await judge(line(), task, data, new Set([1, 3]));
    expect([...answers.keys()].every((it) => it === 1 || it === 3)).to.equal(true);
    const none: LabelledData = { ...data, count: 0, names: [], strata: [] };
    expect((await judge(line(), task, none, new Set())).answers.size).to.equal(0);
  });

  it('feeds a session what it takes, and nothing else', async () => {
    const x = floats([1, 2], [1, 2]);
    await withSession(line(), async (session) => {
      expect(knownTo(session, { x, other: x })).to.deep.equal({ x });
      const data = points(2);
      const more = { ...data, load: async (at: number) => ({ ...(await data.load(at)), inputs: { x, other: x } }) };
      const { task } = await setUp(line(), data, { task: 'regress' });
      expect((await judgeIn(session, task, more, new Set())).score.value).to.be.a('number');
    });
  });
});
