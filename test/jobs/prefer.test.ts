import { expect } from 'chai';
import fc from 'fast-check';
import { mayBeTaken, prefer, type Trial } from '../../src/jobs/prefer.ts';
import type { TaskName } from '../../src/measure/tasks/types.ts';

/** A trial that kept these shares of its samples. */
function trial(solver: Trial['solver'], tasks: readonly TaskName[], each: readonly (number | null)[]): Trial {
  const known = each.filter((it) => it !== null);
  const kept = known.length === 0 ? null : known.reduce((sum, it) => sum + it / known.length, 0);
  return { solver, kept, each, tasks };
}

/** `count` samples, of which so many are answered as the source does. */
const right = (count: number, same: number) => Array.from({ length: count }, (_, index) => Number(index < same));

describe('prefer', () => {
  it('takes the one that keeps most of numbers and regions, however little more, and the first of equals', () => {
    for (const task of ['regress', 'segment', 'embed'] as const) {
      const of = (a: number, b: number, c: number) =>
        prefer([trial('path', [task], [a, a]), trial('source', [task], [b, b]), trial('statistics', [task], [c, c])]);
      expect(of(0.8, 0.81, 0.79)).to.deep.equal({ solver: 'source', why: 'kept' });
      expect(of(0.8, 0.8, 0.81)).to.deep.equal({ solver: 'statistics', why: 'kept' });
      expect(of(0.8, 0.8, 0.8)).to.deep.equal({ solver: 'path', why: 'kept' });
    }
  });

  it('takes what finds nothing, like the source, before what finds something', () => {
    const nothing = trial('path', ['segment'], [null, null]);
    const trials = [nothing, trial('source', ['segment'], [null, null]), trial('statistics', ['segment'], [0, 0])];
    expect(prefer(trials)).to.deep.equal({ solver: 'path', why: 'kept' });
    expect(prefer([nothing, trial('statistics', ['segment'], [0.1, null])]).solver).to.equal('statistics');
  });

  it('takes what finds no boxes, like the source, before no data that finds some, and the first where all do or none', () => {
    const [none, wrong] = [
      [null, null, null],
      [null, 0, null],
    ] as const;
    const of = (path: readonly (number | null)[], source: typeof path, statistics: typeof path) =>
      prefer([
        trial('path', ['detect'], path),
        trial('source', ['detect'], source),
        trial('statistics', ['detect'], statistics),
      ]);
    expect(of(none, none, wrong)).to.deep.equal({ solver: 'path', why: 'kept' });
    expect(of(wrong, none, wrong)).to.deep.equal({ solver: 'source', why: 'kept' });
    expect(of(none, none, none).solver).to.equal('statistics');
    expect(of(wrong, wrong, wrong).solver).to.equal('statistics');
    expect(of(wrong, wrong, none)).to.deep.equal({ solver: 'statistics', why: 'kept' });
  });

  it('takes no data where boxes kept by data are more by chance only', () => {
    // One picture is better by 0.3, and two are worse by 0.1: a mean of 0.0125, with a standard error of 0.042.
    const without = [0.6, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8, 0.8];
    const solved = [0.9, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8];
    const trials = [trial('path', ['detect'], solved), trial('statistics', ['detect'], without)];
    expect(trials[0]?.kept).to.be.above(trials[1]?.kept ?? 0);
    expect(prefer(trials)).to.deep.equal({ solver: 'statistics', why: 'unsure' });
  });

  it('takes no data where data keep more boxes in most pictures, and by less than chance allows', () => {
    // What two RetinaFaces kept on sixteen pictures. On other people the first kept 0.908 of its boxes without data, and 0.685 with them.
    const pairs = [
      [
        [0.974, 0.784, 0.521, 0.929, 0.898, 0.936, 0.854, 0.489, 0.935, 0.755, 0.8, 0.612, 0.857],
        [1, 0.784, 0.268, 0.929, 0.918, 0.979, 0.877, 0.915, 0.906, 0.943, 0.9, 0.573, 1],
      ],
      [
        [0, 0.703, 0.97, 1, 0.794, 0.906, 0.817, 0.841, 0.817, 0.875, 0.957, 0.885],
        [0.5, 0.892, 0.938, 0.97, 0.857, 0.906, 0.824, 0.843, 0.828, 0.969, 0.977, 0.962],
      ],
    ] as const;
    for (const [without, solved] of pairs) {
      const trials = [trial('source', ['detect'], solved), trial('statistics', ['detect'], without)];
      expect(trials[0]?.kept).to.be.above(trials[1]?.kept ?? 0);
      expect(prefer(trials)).to.deep.equal({ solver: 'statistics', why: 'unsure' });
    }
  });

  it('takes what was solved from data where boxes say so picture by picture', () => {
    const without = [0.6, 0.7, 0.5, 0.8, null, 0.7];
    const solved = [0.7, 0.8, 0.6, 0.8, 1, 0.8];
    const trials = [trial('path', ['detect'], solved), trial('statistics', ['detect'], without)];
    expect(prefer(trials)).to.deep.equal({ solver: 'path', why: 'kept' });
  });

  it('says that no data keeps most where it does', () => {
    const trials = [trial('path', ['detect'], [0.5, 0.6]), trial('statistics', ['detect'], [0.7, 0.8])];
    expect(prefer(trials)).to.deep.equal({ solver: 'statistics', why: 'kept' });
  });

  it('takes what was solved behind the swapped norms where no data is no choice, unless the other keeps clearly more boxes', () => {
    // A YOLOX on eight pictures; on others it keeps 0.889 / 0.889 with the first and 0.956 / 0.717 with the second.
    const path = trial('path', ['detect'], [1, 1, 0, 0.333, 0.833, 1, 0.667, 0.4]);
    const source = trial('source', ['detect'], [1, 1, 0.8, 0.6, 0.6, 1, 0.8, 1]);
    expect(prefer([path, source])).to.deep.equal({ solver: 'path', why: 'unsure' });
    const better = trial('source', ['detect'], [1, 1, 0.4, 0.6, 0.95, 1, 0.9, 0.7]);
    expect(prefer([path, better])).to.deep.equal({ solver: 'source', why: 'kept' });
  });

  it('keeps to data for classes, unless another is better by more than chance', () => {
    const of = (path: number, source: number, statistics: number) =>
      prefer([
        trial('path', ['classify'], right(16, path)),
        trial('source', ['classify'], right(16, source)),
        trial('statistics', ['classify'], right(16, statistics)),
      ]);
    expect(of(16, 15, 15)).to.deep.equal({ solver: 'path', why: 'kept' });
    // A single class that is another is no evidence.
    expect(of(15, 15, 16)).to.deep.equal({ solver: 'path', why: 'unsure' });
    // Six are.
    expect(of(9, 9, 15)).to.deep.equal({ solver: 'statistics', why: 'kept' });
    expect(of(9, 15, 16)).to.deep.equal({ solver: 'source', why: 'unsure' });
  });

  it('takes the first where nothing could be judged', () => {
    const trials = [trial('path', [], [null, null]), trial('statistics', [], [null, null])];
    expect(prefer(trials)).to.deep.equal({ solver: 'path', why: 'kept' });
  });
});

describe('mayBeTaken', () => {
  const tasks = fc.constantFrom<readonly TaskName[]>(['detect'], ['classify'], ['regress'], ['classify', 'detect'], []);
  // Often everything, as that is where a trial may be left out.
  const shares = fc.array(fc.constantFrom(1, 1, 1, 0, 0.5, null), { minLength: 3, maxLength: 3 });

  it('leaves out no trial that could change which solution is taken, or why', () => {
    let left = 0;
    fc.assert(
      fc.property(tasks, shares, shares, shares, (task, path, source, statistics) => {
        const all = [trial('path', task, path), trial('source', task, source), trial('statistics', task, statistics)];
        const run: Trial[] = [];
        for (const it of all) if (mayBeTaken(it.solver, run)) run.push(it);
        left += all.length - run.length;
        expect(prefer(run)).to.deep.equal(prefer(all));
      }),
      { seed: 13 },
    );
    expect(left).to.be.above(0);
  });
});
