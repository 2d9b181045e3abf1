/** Killed at any moment, gn-swap leaves what was there before, or all of what it writes; the next run clears up. */
import { mkdirSync, statSync } from 'node:fs';
import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { filesOf } from '../../fixtures/make.ts';
import { callOptions } from '../../src/cli/arguments.ts';
import { swapFile } from '../../src/cli/session.ts';
import { cli, type Ran } from '../support/cli.ts';
import { killBefore, stepsOf } from '../support/kill.ts';
import { Scratch } from '../support/scratch.ts';

interface Case {
  readonly fixture: string;
  readonly options: readonly string[];
  /** Files that are in `out` before. */
  readonly before: Readonly<Record<string, string>>;
  /** Whether an old output may be gone: its data can't be replaced in the same moment. */
  readonly mayWithdraw?: boolean;
}

const CASES: Readonly<Record<string, Case>> = {
  'a new output': { fixture: 'rank-4', options: [], before: {} },
  'an output that is replaced': {
    fixture: 'rank-4',
    options: ['--no-verify', '--force'],
    before: { 'rank-4.gn.onnx': 'old' },
  },
  'a new output with external data': { fixture: 'external-two-files', options: ['--no-verify'], before: {} },
  'an output with other data that are replaced': {
    fixture: 'external-two-files',
    options: ['--no-verify', '--force'],
    before: {
      'external-two-files.gn.onnx': 'old',
      'external-two-files.0.bin': 'old',
      'external-two-files.1.bin': 'old',
    },
    mayWithdraw: true,
  },
};

/** What is in `out`, but for folders of the making. */
function contentsOf(scratch: Scratch): Map<string, string> {
  const names = scratch.list('out').filter((name) => !name.startsWith('.gn-swap-'));
  return new Map(names.map((name) => [name, scratch.read(`out/${name}`).toString('base64')]));
}

function prepared({ fixture, before }: Case): Scratch {
  const scratch = new Scratch();
  scratch.fixture(fixture);
  mkdirSync(scratch.path('out'));
  for (const [name, content] of Object.entries(before)) scratch.write(`out/${name}`, content);
  return scratch;
}

describe('gn-swap, killed before each of its steps on the disk', () => {
  for (const [name, it_] of Object.entries(CASES)) {
    const { fixture, options, mayWithdraw = false } = it_;
    const args = [`${fixture}.onnx`, '-o', 'out/', ...options];
    const output = `${fixture}.gn.onnx`;

    async function killedAt(step: number, expected: Map<string, string>): Promise<string> {
      const scratch = prepared(it_);
      try {
        const before = contentsOf(scratch);
        const { status } = await killBefore(step, args, { cwd: scratch.folder });
        expect(status, `step ${step}`).to.equal(null);
        const after = contentsOf(scratch);
        const state = stateOf(after, before, expected);
        // The next run finishes the job, and clears up.
        const next = await swapFile(
          scratch.path(`${fixture}.onnx`),
          scratch.path('out', output),
          again(state),
          () => {},
        );
        expect(next.error?.describe(), `step ${step}, ${state}`).to.equal(undefined);
        expect(contentsOf(scratch), `step ${step}`).to.deep.equal(expected);
        expect(scratch.list('out'), `step ${step}`).to.deep.equal([...expected.keys()].sort());
        for (const [file, bytes] of filesOf(fixtureNamed(fixture))) {
          expect(scratch.read(file).equals(bytes), `step ${step}: ${file}`).to.equal(true);
        }
        return state;
      } finally {
        scratch.remove();
      }
    }

    function again(state: string) {
      const force = options.includes('--force') || state === 'new';
      return callOptions({ 'no-verify': true, force });
    }

    /** Of the output: as before, all new, or withdrawn; anything else is a failure. Data are whole whatever becomes of it. */
    function stateOf(after: Map<string, string>, before: Map<string, string>, expected: Map<string, string>): string {
      for (const [file, content] of after) {
        if (file !== output) expect([before.get(file), expected.get(file)]).to.include(content);
      }
      const found = after.get(output);
      if (found === expected.get(output)) {
        expect(after).to.deep.equal(expected);
        return 'new';
      }
      expect(found).to.be.oneOf(mayWithdraw ? [before.get(output), undefined] : [before.get(output)]);
      // An old output has its old data.
      if (found !== undefined) for (const file of after.keys()) expect(after.get(file)).to.equal(before.get(file));
      return found === undefined ? 'none' : 'old';
    }

    it(`${name}: leaves the old state or the whole output; the next run clears up`, async () => {
      const whole = prepared(it_);
      const steps = await stepsOf(args, { cwd: whole.folder });
      const expected = contentsOf(whole);
      whole.remove();
      const states = new Map<string, number>();
      for (let step = 0; step < steps; step += 2) {
        const pair = [step, step + 1].filter((at) => at < steps);
        for (const state of await Promise.all(pair.map((at) => killedAt(at, expected)))) {
          states.set(state, (states.get(state) ?? 0) + 1);
        }
      }
      // Else nothing was cut off in the middle, or nothing was counted.
      expect(steps).to.be.above(8);
      expect([...states.keys()]).to.include.members(['new', Object.keys(it_.before).length > 0 ? 'old' : 'none']);
    });
  }
});

describe('several runs on one output at once', () => {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = prepared({ fixture: 'external-two-files', options: [], before: {} });
  });
  afterEach(() => scratch.remove());
  const output = 'external-two-files.gn.onnx';
  const together = (...options: string[]): Promise<Ran[]> =>
    Promise.all(
      [0, 1, 2, 3].map(() => cli(['external-two-files.onnx', '-o', 'out/', ...options], { cwd: scratch.folder })),
    );

  it('write it once without --force; the others say that it exists', async () => {
    const runs = await together('--no-verify');
    expect(runs.map(({ status }) => status).sort()).to.deep.equal([0, 2, 2, 2]);
    for (const { status, stderr } of runs) {
      if (status === 2) expect(stderr).to.match(/^gn-swap: out\/[^ ]+: it exists already\. [^\n]+\n$/);
    }
    expect(scratch.list('out')).to.deep.equal(['external-two-files.0.bin', 'external-two-files.1.bin', output]);
  });

  it('write it in turn with --force, and it is whole', async () => {
    const alone = await cli(['external-two-files.onnx', '-o', 'alone.onnx'], { cwd: scratch.folder });
    expect(alone.status).to.equal(0);
    const runs = await together('--no-verify', '--force');
    expect(runs.map(({ status, stderr }) => [status, stderr])).to.deep.equal(new Array(4).fill([0, '']));
    expect(scratch.read(`out/${output}`).equals(scratch.read('alone.onnx'))).to.equal(true);
    expect(scratch.list('out')).to.deep.equal(['external-two-files.0.bin', 'external-two-files.1.bin', output]);
    expect(statSync(scratch.path('external-two-files.0.bin')).nlink).to.equal(2);
  });
});
