import { expect } from 'chai';
import type { Outcome } from '../../src/jobs/outcome.ts';
import type { Kept } from '../../src/measure/kept.ts';
import type { SitePlan } from '../../src/plan/index.ts';
import { headline, verdictLines } from '../../src/report/verdict.ts';
import type { Verification } from '../../src/verify/verification.ts';

const verification: Verification = {
  passed: true,
  seed: 0,
  inputs: 'given',
  inputDims: {},
  checks: [{ name: 'reference', status: 'passed', detail: '' }],
  sites: [],
  drift: [],
  isSame: false,
  latency: { source: 10, written: 12.5, rounds: 30 },
};
const outcome = (changes: Partial<Verification>, more: Partial<Outcome> = {}): Outcome => ({
  file: 'a model.onnx',
  command: 'swap',
  output: 'out.onnx',
  timings: {},
  plan: { norm: 'group', tag: 'gn', sites: [], refusals: [] },
  verification: { ...verification, ...changes },
  ...more,
});
const kept = (share: number | null, doubts: readonly string[] = []): Kept => ({
  kept: share,
  tasks: [{ task: 'detect', outputs: ['y'], why: '', kept: share, detail: 'recall and so on', figures: {} }],
  unjudged: [],
  inputs: 7,
  doubts,
});
const lines = (it: Outcome) => verdictLines(it).map(({ tone, text }) => `${tone ?? 'none'}: ${text}`);

describe('verdictLines', () => {
  it('says first whether it is right, then what is kept, then what it costs', () => {
    expect(lines(outcome({ kept: kept(0.984) }))).to.deep.equal([
      'good: Correct: 0 norms match their float64 reference in ONNX Runtime',
      'good: Behaviour kept: 98 % (recall and so on; 7 given inputs)',
      'none: Latency: × 1.25 (10 ms → 12.5 ms per run on this machine)',
    ]);
  });

  it('says how often each was run where that is seldom', () => {
    const of = (rounds: number) => lines(outcome({ latency: { source: 10, written: 12.5, rounds } }))[2];
    expect(of(1)).to.equal('none: Latency: × 1.25 (10 ms → 12.5 ms, 1 run each on this machine)');
    expect(of(2)).to.include(', 2 runs each on');
    expect(of(3)).to.include(' per run on');
  });

  it('is amber below 0.95 and where nothing is known, and red where most is lost', () => {
    const second = (share: number | null) => lines(outcome({ kept: kept(share) }))[1];
    expect(second(0.94)).to.equal('warn: Behaviour kept: 94 % (recall and so on; 7 given inputs)');
    expect(second(0.57)).to.match(/^warn: /);
    expect(second(0.1)).to.equal('bad: Behaviour lost: only 10 % kept (recall and so on; 7 given inputs)');
    expect(second(null)).to.equal('warn: Behaviour kept: not measured; recall and so on');
  });

  it('does not call behaviour lost for one answer that is another', () => {
    const of = (figures: Readonly<Record<string, number>>) => {
      const task = { task: 'classify', outputs: ['y'], why: '', kept: 0, detail: 'none of them', figures } as const;
      return lines(outcome({ kept: { ...kept(0), tasks: [task] } }))[1];
    };
    for (const one of [{ answers: 1, classes: 1 }, { boxes: 1 }])
      expect(of(one)).to.match(/^warn: Behaviour kept: 0 % \(.*\), too few to tell: give more inputs/);
    expect(of({ answers: 2, classes: 2 })).to.match(/^bad: Behaviour lost: only 0 % kept/);
  });

  it('says what keeps more where most is lost and γ and β do not come from data', () => {
    const of = (init: string, more: Partial<Outcome> = {}) => {
      const plan = { norm: 'group', tag: 'gn', sites: [{ init } as SitePlan], refusals: [] };
      return lines(outcome({ kept: kept(0.1) }, { plan, ...more }))[1];
    };
    expect(of('statistics')).to.match(/\. To keep more, solve γ and β from data: --calibrate DIR$/);
    const calibration = { measured: true, heldOut: 3 } as NonNullable<Outcome['calibration']>;
    for (const other of [of('source'), of('calibrate', { calibration })]) expect(other).not.to.include('To keep more');
  });

  it('is amber where a figure proves little: on inputs that were solved for, of few answers, of one class', () => {
    const task = { task: 'classify', outputs: ['y'], why: '', kept: 1, detail: 'all of them' } as const;
    const of = (figures: Readonly<Record<string, number>>, more: Partial<Outcome> = {}) =>
      lines(outcome({ kept: { ...kept(1), tasks: [{ ...task, figures }] } }, more))[1];
    expect(of({ answers: 20, classes: 3 })).to.equal('good: Behaviour kept: 100 % (all of them; 7 given inputs)');
    expect(of({ answers: 4, classes: 3 })).to.match(/^warn: .*, too few to tell: give more inputs$/);
    expect(of({ boxes: 4 })).to.match(/^warn: .*, too few to tell: give more inputs$/);
    expect(of({ answers: 20, classes: 1 })).to.match(/^warn: .*, all of one class, which says little/);
    const calibration = { measured: true, heldOut: 0 } as NonNullable<Outcome['calibration']>;
    expect(of({ answers: 20, classes: 3 }, { calibration })).to.match(
      /^warn: Behaviour kept: 100 % \(all of them; on the one input that was also used for solving\), so it says little/,
    );
  });

  it('gives the command that measures it, made from what was typed', () => {
    const typed = ['a model.onnx', '--to', 'layer'];
    expect(lines(outcome({ inputs: 'made' }, { typed }))[1]).to.equal(
      'warn: Behaviour kept: not measured; random input says nothing about accuracy. ' +
        "Measure it with: gn-swap 'a model.onnx' --to layer --calibrate DIR",
    );
    const dashed = lines(outcome({ inputs: 'made' }, { typed: ['--quiet', '--', '-x.onnx'] }))[1];
    expect(dashed).to.match(/gn-swap --quiet --calibrate DIR -- -x\.onnx$/);
    const check = { passed: true, checks: [], sites: [], drift: [], against: 'source.onnx', verification };
    const checked: Outcome = { file: 'a model.onnx', command: 'check', check, timings: {} };
    expect(lines(checked)[1]).to.match(/gn-swap check 'a model\.onnx' --inputs FILE\.npz$/);
  });

  it('gives no command that would fail as this one did', () => {
    const failed = (name: 'source' | 'drift') => {
      const found = { name, status: 'failed', detail: 'another one', findings: [] } as const;
      const check = {
        passed: false,
        checks: [{ ...found, perSite: false }],
        sites: [],
        drift: [],
        against: 'source.onnx',
        verification,
      };
      return lines({ file: 'a.onnx', command: 'check', check, timings: {} })[1];
    };
    expect(failed('source')).to.match(/ not measured; random input says nothing about accuracy$/);
    expect(lines(outcome({ inputs: 'made', checks: [{ name: 'forms', status: 'failed', detail: '' }] }))[1]).to.match(
      / not measured; random input says nothing about accuracy$/,
    );
  });

  it('knows that a norm which computes the same function keeps all', () => {
    expect(lines(outcome({ isSame: true, inputs: 'made' }))[1]).to.equal(
      'good: Behaviour kept: 100 %; the norm computes the same function',
    );
  });

  it('tells a wrong rewrite from a limit that was not kept', () => {
    const failed = (name: 'forms' | 'kept') =>
      lines(outcome({ passed: false, checks: [{ name, status: 'failed', detail: 'too little' }] }));
    expect(failed('forms')[0]).to.equal('bad: Failed: forms; nothing was written');
    expect(failed('kept').slice(0, 2)).to.deep.equal([
      'good: Correct: 0 norms match their float64 reference in ONNX Runtime',
      'bad: Behaviour: too little; nothing was written',
    ]);
  });

  it('has nothing to say of a look, and of behaviour where there is no source', () => {
    expect(lines(outcome({}, { command: 'inspect' }))).to.deep.equal([]);
  });
});

describe('headline', () => {
  it('is what is wrong, else what is doubtful, else that all is well', () => {
    const of = (share: number) => headline(verdictLines(outcome({ kept: kept(share) })))?.tone;
    expect([of(1), of(0.7), of(0.2)]).to.deep.equal(['good', 'warn', 'bad']);
    expect(headline([])).to.equal(undefined);
  });

  it('has no tick for a file that was never swapped, where there is nothing to check', () => {
    const found = (rule: 'no-record' | 'drift'): Outcome => ({
      file: 'model.onnx',
      command: 'check',
      timings: {},
      check: {
        passed: true,
        checks: [
          {
            name: 'record',
            perSite: false,
            status: 'passed',
            detail: '',
            findings: [{ rule, severity: 'note', node: '', message: '', remedy: '' }],
          },
        ],
        sites: [],
        verification: undefined,
        drift: [],
        against: undefined,
      },
    });
    expect(lines(found('no-record'))).to.deep.equal([
      'warn: Valid model, but with 0 norms and no gn-swap record. To fail such files: --require-record',
    ]);
    expect(lines(found('drift'))).to.deep.equal(['good: Valid: 0 norms']);
    // As a file that was trained and never swapped, beside the one that it was trained from.
    const { check, ...trained } = found('drift');
    const unchanged = { name: 'unchanged', perSite: false, status: 'passed', detail: '', findings: [] } as const;
    expect(lines({ ...trained, ...(check && { check: { ...check, checks: [unchanged] } }) })).to.deep.equal([
      'warn: Valid: the graph is that of the original model, with 0 norms swapped. To fail such files: --require-record',
    ]);
  });
});
