/** Damaged models: whatever is in the file, gn-swap ends by itself, in a way it meant to. */
import { expect } from 'chai';
import { attempt } from '../fuzz/attempt.ts';
import { inputOf } from '../fuzz/input.ts';
import { openSession } from '../src/runtime/session.ts';
import { cli } from './support/cli.ts';
import { expectValidReport } from './support/report-schema.ts';
import { useScratch } from './support/scratch.ts';

describe('2,000 damaged models', () => {
  it('are rewritten, or refused by an error with a code; nothing else is thrown', async () => {
    const count = { rewritten: 0, refused: 0 };
    for (let seed = 0; seed < 2000; seed++) {
      const ended = await attempt(inputOf(seed), seed).catch((cause: unknown) => {
        throw new Error(`seed ${seed}`, { cause });
      });
      count[ended]++;
    }
    // Both happen, and often: else the damage tests nothing.
    expect(Math.min(count.rewritten, count.refused)).to.be.above(400);
  });
});

describe('150 damaged models on the command line', () => {
  const scratch = useScratch();

  it('are verified and load, or fail in a line; status 2, no crash, and no other file', async () => {
    const names = Array.from({ length: 150 }, (_, i) => `${i}.onnx`);
    for (const [i, name] of names.entries()) scratch().write(name, inputOf(10_000 + i));
    const { status, stdout, stderr } = await cli([...names, '-o', 'out', '--json'], { cwd: scratch().folder });
    expect(status, stderr.slice(-2000)).to.equal(2);
    const document = JSON.parse(stdout);
    expectValidReport(document);
    expect(document.results).to.have.length(names.length);
    const written: string[] = [];
    for (const { file, status: done, output, error } of document.results) {
      if (done === 'ok') written.push(output);
      else expect(output, file).to.equal(null);
      if (done === 'error') expect(error.code, file).not.to.equal('internal');
    }
    const errors = document.results.filter((result: { status: string }) => result.status === 'error');
    // A line for each, behind which one more may say what to type next; and nothing else.
    const said = stderr.match(/^gn-swap: \d+\.onnx: [^\n]+\n(?:Try: gn-swap 0\.onnx [^\n]+\n)?/gm) ?? [];
    expect(said.join('')).to.equal(stderr);
    expect(said).to.have.length(errors.length);
    expect(
      scratch()
        .list('out')
        .map((name) => `out/${name}`),
    ).to.deep.equal(written.sort());
    expect(scratch().list()).to.deep.equal([...names, 'out'].sort());
    for (const file of written) {
      const { results } = document;
      const { checks } = results.find((result: { output: string }) => result.output === file).verification;
      // Types that the runtime can't compute are verified through a twin, and do not load.
      const loads = checks.find((check: { name: string }) => check.name === 'loads').status;
      if (loads === 'passed') await (await openSession(scratch().path(file))).close();
    }
    expect(written.length).to.be.above(10);
  });
});
