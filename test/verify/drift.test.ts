import { expect } from 'chai';
import { type Drift, driftOf } from '../../src/measure/drift.ts';
import type { Kept } from '../../src/measure/kept.ts';
import type { TaskName } from '../../src/measure/tasks/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import { comparableDrift, driftCheck } from '../../src/verify/drift.ts';

const rows = (output: string, numbers: readonly number[]) => {
  const value = (by: number) => ({
    type: DataType.FLOAT,
    dims: [numbers.length / 2, 2],
    data: Float32Array.from(numbers, (it, index) => it + by * index),
  });
  return driftOf(output, value(0), value(0.5)) as Drift;
};

const taken = (tasks: Readonly<Record<string, TaskName>>): Kept => ({
  kept: 1,
  tasks: Object.entries(tasks).map(([output, task]) => ({
    task,
    outputs: [output],
    why: '',
    kept: 1,
    detail: '',
    figures: {},
  })),
  unjudged: [],
  inputs: 1,
  doubts: [],
});

describe('comparableDrift', () => {
  const drift = [rows('classes', [1, 2, 3, 1]), rows('boxes', [4, 1, 2, 3]), rows('rows', [1, 5, 2, 3])];

  it('leaves out outputs whose rows depend on the data, and the largest class of what holds none', () => {
    const found = comparableDrift(drift, new Set(['rows']), taken({ classes: 'classify', boxes: 'regress' }));
    expect(found.map(({ output, argmax }) => [output, argmax !== null])).to.deep.equal([
      ['classes', true],
      ['boxes', false],
    ]);
    const [, boxes] = drift;
    expect(found[1]).to.deep.equal({ ...boxes, argmax: null });
  });

  it('leaves everything that was not judged', () => {
    expect(comparableDrift(drift, new Set(), undefined)).to.deep.equal(drift);
  });
});

describe('driftCheck', () => {
  const facts = {
    drift: [rows('y', [1, 2])],
    unknown: [],
    byData: new Set<string>(),
    promise: undefined,
    isMade: false,
  };
  const byData = new Set(['boxes']);

  it('judges the outputs that have a drift, and names what judges the others', () => {
    const within = driftCheck({ ...facts, byData, most: 10 });
    expect(within.status).to.equal('passed');
    expect(within.detail).to.equal(
      'no output drifts by more than 10. The number of rows of "boxes" depends on the data: use --min-kept',
    );
    expect(driftCheck({ ...facts, byData, most: 1e-6 }).status).to.equal('failed');
    expect(driftCheck({ ...facts, byData, most: undefined }).status).to.equal('skipped');
  });

  it('has no tick if no output could be judged, or one is unknown', () => {
    const none = driftCheck({ ...facts, drift: [], byData, most: 10 });
    expect(none.status).to.equal('failed');
    expect(none.detail).to.match(/^no output has a drift\. .*--min-kept$/);
    const unknown = driftCheck({ ...facts, unknown: ['z'], most: 10 });
    expect([unknown.status, unknown.detail]).to.deep.equal(['failed', 'the drift of output "z" is unknown']);
  });

  describe('where the source itself gives NaN', () => {
    const holding = (output: string, source: readonly number[], own: readonly number[] = source) => {
      const value = (numbers: readonly number[]) => ({
        type: DataType.FLOAT,
        dims: [source.length],
        data: Float32Array.from(numbers),
      });
      return driftOf(output, value(source), value(own)) as Drift;
    };
    const nothing = holding('y', [Number.NaN, Number.NaN], [1, Number.NaN]);
    const kept = { kept: true, detail: 'it is the same' };
    const said =
      'The source itself gives NaN in "y" on random input, which can\'t be compared. Use real input: --inputs FILE.npz';

    it('blames the source, says what to do, and has no tick', () => {
      const made = driftCheck({ ...facts, drift: [nothing], most: undefined, promise: kept, isMade: true });
      expect(made).to.deep.equal({ name: 'drift', status: 'skipped', detail: `not judged. ${said}` });
      const given = driftCheck({ ...facts, drift: [nothing], most: undefined });
      expect(given.detail).to.match(
        / The source itself gives NaN in "y", .*\. Use inputs on which the source gives numbers$/,
      );
      // A limit that nothing was compared with does not hold.
      const limited = driftCheck({ ...facts, drift: [nothing, rows('z', [1, 2])], most: 9, isMade: true });
      expect(limited).to.deep.equal({ name: 'drift', status: 'failed', detail: `the drift is unknown. ${said}` });
    });

    it('judges the other numbers of an output, and tells how many are left out', () => {
      const some = holding('y', [Number.NaN, 4, 4, 4], [5, 4, 4, 5]);
      const check = (most: number) => driftCheck({ ...facts, drift: [some], most });
      expect(check(0.5)).to.include({ status: 'passed' });
      expect(check(0.5).detail).to.include(
        'drifts by more than 0.5. The source itself gives NaN in "y" (25 % of the numbers)',
      );
      expect(check(0.1)).to.include({ status: 'failed' });
    });

    it('goes on to fail a model that gives NaN where the source does not', () => {
      const broken = holding('y', [Number.NaN, 4], [Number.NaN, Number.NaN]);
      expect(driftCheck({ ...facts, drift: [broken], most: 9 }).status).to.equal('failed');
    });
  });

  it('goes by the promise of a norm that computes the same function, without a limit', () => {
    const promise = { kept: false, detail: 'it drifts' };
    expect(driftCheck({ ...facts, most: undefined, promise })).to.deep.equal({
      name: 'drift',
      status: 'failed',
      detail: 'it drifts',
    });
  });
});
