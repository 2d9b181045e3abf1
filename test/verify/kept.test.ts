import { expect } from 'chai';
import { Net } from '../../fixtures/build.ts';
import type { Kept } from '../../src/measure/kept.ts';
import { keptCheck, keptIn } from '../../src/verify/kept.ts';
import { floats } from '../support/answers.ts';

const kept = (share: number | null): Kept => ({
  kept: share,
  tasks: [
    { task: 'regress', outputs: ['v'], why: '', kept: 1, detail: 'all of it', figures: {} },
    { task: 'classify', outputs: ['y'], why: '', kept: share, detail: 'so much', figures: {} },
  ],
  unjudged: [],
  inputs: 2,
  doubts: [],
});

describe('verify/kept', () => {
  it('has a tick only where a limit was set and held, or the function is the same', () => {
    const of = (share: number | null, least: number | undefined, isSame = false) =>
      keptCheck({ kept: kept(share), isSame, least }).status;
    expect([of(0.9, 0.9), of(0.9, 0.91), of(0.9, undefined)]).to.deep.equal(['passed', 'failed', 'skipped']);
    // Nothing could be compared: a limit does not hold then.
    expect([of(null, 0.1), of(null, undefined)]).to.deep.equal(['failed', 'skipped']);
    expect([of(0.1, 0.9, true), of(null, 0.9, true)]).to.deep.equal(['passed', 'passed']);
    expect(keptCheck({ kept: undefined, isSame: false, least: 0 }).status).to.equal('failed');
    expect(keptCheck({ kept: kept(Number.NaN), isSame: false, least: 0.5 }).status).to.equal('failed');
  });

  it('tells the figure of the output that keeps least', () => {
    expect(keptCheck({ kept: kept(0.25), isSame: false, least: 0.5 }).detail).to.equal(
      '0.250 kept (so much); less than 0.5',
    );
    expect(keptCheck({ kept: kept(0.25), isSame: false, least: undefined }).detail).to.equal(
      '0.250 kept (so much); set a limit with --min-kept',
    );
  });

  it('judges the samples of one run, wherever their axis is', () => {
    const net = new Net({ opset: 13 });
    const y = net.node('MatMul', [net.input('x', ['N', 2]), net.weight('w', [2, 3])]);
    net.node('Softmax', [y], { axis: -1 }, { outputs: ['p'] });
    const model = net.output('p', ['N', 3]).model();
    const rows = [0, 1, 2, 5, 1, 2, 0, 9, 2, 3, 1, 2];
    const other = [0, 1, 2, 5, 1, 2, 7, 9, 2, 3, 4, 2];
    const answers = {
      inputs: { x: floats([4, 2], new Array(8).fill(1)) },
      source: { p: floats([4, 3], rows) },
      rewritten: { p: floats([4, 3], other) },
    };
    expect(keptIn(model, answers, undefined)).to.deep.include({ kept: 0.75, inputs: 4 });
    expect(keptIn(model, answers, { task: ['p=none'] }).kept).to.equal(null);
  });
});
