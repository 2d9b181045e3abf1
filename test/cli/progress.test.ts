import { expect } from 'chai';
import { progressFor } from '../../src/cli/progress.ts';
import { type CliOptions, cli } from '../support/cli.ts';
import { ON_A_TERMINAL } from '../support/preload.ts';
import { useScratch } from '../support/scratch.ts';

/** Makes every wait for a second end at once, so that any work is long work. */
const IMPATIENT = `${ON_A_TERMINAL}
const wait = globalThis.setTimeout;
globalThis.setTimeout = (then, time, ...rest) => wait(then, time === 1000 ? 0 : time, ...rest);`;

describe('progress', () => {
  const scratch = useScratch();
  /** Once a test: another run may be reading it. */
  let file = '';
  beforeEach(() => {
    file = scratch().fixture('shared-everything');
  });
  const run = (options: CliOptions, ...more: string[]) => cli([file, '--force', ...more], options);

  it('is drawn on a terminal for long work: the file, the step, how many of how many', async () => {
    const { status, stderr } = await run({ before: IMPATIENT, env: { TERM: 'xterm' } });
    expect(status).to.equal(0);
    expect(stderr).to.match(/shared-everything\.onnx .*(load|run the source|verify sites|measure latency)/);
  });

  it('is not drawn for short work, to a file, in CI, with --quiet or with --json', async () => {
    const env = { TERM: 'xterm' };
    const runs = [
      run({ before: ON_A_TERMINAL, env }, '--no-verify'),
      run({}),
      run({ before: IMPATIENT, env: { ...env, CI: 'true' } }),
      run({ before: IMPATIENT, env }, '--quiet'),
      run({ before: IMPATIENT, env }, '--json'),
    ];
    for (const { status, stderr } of await Promise.all(runs)) expect([status, stderr]).to.deep.equal([0, '']);
  });

  it('does nothing, where it is not to be shown', () => {
    const progress = progressFor('a.onnx', false);
    progress.update('step', 0, 1);
    progress.stop();
  });
});
