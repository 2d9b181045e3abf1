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
  const facts = { drift: [rows('y', [1, 2])], unknown: [], byData: new Set<string>(), promise: undefined };
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

  it('goes by the promise of a norm that computes the same function, without a limit', () => {
    const promise = { kept: false, detail: 'it drifts' };
    expect(driftCheck({ ...facts, most: undefined, promise })).to.deep.equal({
      name: 'drift',
      status: 'failed',
      detail: 'it drifts',
    });
  });
});
