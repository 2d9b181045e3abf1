/** Killed at any moment, gn-swap leaves what was there before, or all of what it writes; the next run clears up. */
import { statSync } from 'node:fs';
import { expect } from 'chai';
import { cli, type Ran } from '../support/cli.ts';
import { killBefore, stepsOf } from '../support/kill.ts';
import { argumentsOf, contentsOf, expectWhole, KILL_CASES, prepared } from '../support/killed.ts';
import type { Scratch } from '../support/scratch.ts';

describe('gn-swap, killed before each of its steps on the disk', () => {
  for (const [name, killed] of Object.entries(KILL_CASES)) {
    it(`${name}: leaves the old state or the whole output; the next run clears up`, async () => {
      // Verified, or not: the steps are the same but for one that reads.
      const args = [...argumentsOf(killed), '--no-verify'];
      const whole = prepared(killed);
      const steps = await stepsOf(args, { cwd: whole.folder });
      const expected = contentsOf(whole);
      whole.remove();
      const states = new Set<string>();
      const killedAt = async (step: number) => {
        const run = async ({ folder }: Scratch) => {
          expect((await killBefore(step, args, { cwd: folder })).status, `step ${step}`).to.equal(null);
        };
        states.add(await expectWhole(killed, expected, run, `step ${step}`));
      };
      for (let step = 0; step < steps; step += 2) {
        await Promise.all([step, step + 1].filter((at) => at < steps).map(killedAt));
      }
      // Else nothing was cut off in the middle, or nothing was counted.
      expect(steps).to.be.above(8);
      expect([...states]).to.include.members(['new', Object.keys(killed.before).length > 0 ? 'old' : 'none']);
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
      if (status === 2)
        expect(stderr).to.match(
          /^gn-swap: out\/[^ ]+: the file exists already\. [^\n]+\nTry: gn-swap external-two-files\.onnx -o out\/ --no-verify --force\n$/,
        );
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
