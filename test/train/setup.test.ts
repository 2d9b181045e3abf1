import { expect } from 'chai';
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import { withSession } from '../../src/runtime/session.ts';
import { setUp } from '../../src/train/setup.ts';
import { rejection } from '../support/errors.ts';
import { classifier, labelledPictures, line, points } from '../support/training.ts';

/** The data, and the samples that were loaded of it, in order. */
function noting(all: LabelledData): { readonly data: LabelledData; readonly seen: readonly number[] } {
  const seen: number[] = [];
  const load = (sample: number) => {
    seen.push(sample);
    return all.load(sample);
  };
  return { data: { ...all, load }, seen };
}

describe('train/setup', () => {
  it('says which tasks there are, and that there are no samples, before it loads one', async () => {
    let loads = 0;
    const data: LabelledData = {
      ...points(3),
      load: async (sample) => {
        loads++;
        return points(3).load(sample);
      },
    };
    const unknown = await rejection(setUp(line(), data, { task: 'draw' }));
    expect(unknown).to.include({ code: 'invalid-arguments', message: '"draw" is not a task', node: '--task' });
    for (const name of ['classify', 'segment', 'detect', 'regress', 'distill', 'own'])
      expect(unknown.remedy).to.include(name);
    const empty = await rejection(setUp(line(), { ...data, count: 0 }, { task: 'regress' }));
    expect(empty).to.include({ code: 'invalid-data', message: 'there are no samples' });
    expect(loads).to.equal(0);
  });

  it('gives the first sample, and what the model answers to it', async () => {
    const data = labelledPictures(4, 2);
    const { example, outputs, task } = await setUp(classifier(), data, { task: 'classify' });
    expect(example).to.deep.equal(await data.load(0));
    expect(outputs).to.deep.equal([{ name: 'p', type: 1, dims: [1, 3] }]);
    expect(task.measure).to.equal('accuracy');
  });

  it('looks at samples from all over the data, 64 at most, each once', async () => {
    for (const count of [1, 63, 64, 65, 1000]) {
      const all = points(count);
      const { data, seen } = noting(all);
      await setUp(line(), data, { task: 'regress' });
      expect(seen, `${count}`).to.have.length(Math.min(64, count));
      expect(new Set(seen).size).to.equal(seen.length);
      expect(seen[0]).to.equal(0);
      expect(Math.max(...seen)).to.be.within(Math.floor((63 / 64) * (count - 1)), count - 1);
    }
  });

  it('takes the first sample from a caller that has loaded it', async () => {
    const all = points(3);
    const { data, seen } = noting(all);
    const first = await all.load(0);
    const { example } = await setUp(line(), data, { task: 'regress', example: first });
    expect(example).to.equal(first);
    expect(seen).to.deep.equal([1, 2]);
  });

  it('says that a teacher does not run on the samples, and keeps what is not its fault', async () => {
    const data = labelledPictures(2, 2);
    await withSession(line(), async (teacher) => {
      const { task } = await setUp(classifier(), data, { task: 'distill', teacher }).catch((error: unknown) => {
        expect((error as Error).message).to.match(/^the teacher does not run on these samples/);
        return { task: undefined };
      });
      if (task === undefined) return;
      const { objective } = task;
      const asking = objective.kind === 'graph' && objective.targets([await data.load(0)]);
      const error = await rejection(Promise.resolve(asking));
      expect(error).to.include({ code: 'invalid-arguments', node: '--teacher' });
    });
  });
});
