/** What a run that is killed may leave, and what the next run makes of it. */
import { mkdirSync } from 'node:fs';
import { expect } from 'chai';
import { fixtureNamed } from '../../fixtures/index.ts';
import { filesOf } from '../../fixtures/make.ts';
import { callOptions } from '../../src/call/arguments.ts';
import { swapFile } from '../../src/cli/swap.ts';
import { Scratch } from './scratch.ts';

export interface KillCase {
  readonly fixture: string;
  readonly options: readonly string[];
  /** Files that are in `out` before. */
  readonly before: Readonly<Record<string, string>>;
  /** Whether an old output may be gone: its data can't be replaced in the same moment. */
  readonly mayWithdraw?: boolean;
}

export const KILL_CASES: Readonly<Record<string, KillCase>> = {
  'a new output': { fixture: 'rank-4', options: [], before: {} },
  'an output that is replaced': {
    fixture: 'rank-4',
    options: ['--force'],
    before: { 'rank-4.gn.onnx': 'old' },
  },
  'a new output with external data': { fixture: 'external-two-files', options: [], before: {} },
  'an output with other data that are replaced': {
    fixture: 'external-two-files',
    options: ['--force'],
    before: {
      'external-two-files.gn.onnx': 'old',
      'external-two-files.0.bin': 'old',
      'external-two-files.1.bin': 'old',
    },
    mayWithdraw: true,
  },
};

/** Arguments of the run that is killed. */
export function argumentsOf({ fixture, options }: KillCase): string[] {
  return [`${fixture}.onnx`, '-o', 'out/', ...options];
}

/** A folder as it is before the run. */
export function prepared({ fixture, before }: KillCase): Scratch {
  const scratch = new Scratch();
  scratch.fixture(fixture);
  mkdirSync(scratch.path('out'));
  for (const [name, content] of Object.entries(before)) scratch.write(`out/${name}`, content);
  return scratch;
}

/** What is in `out`, but for folders of the making. */
export function contentsOf(scratch: Scratch): Map<string, string> {
  const names = scratch.list('out').filter((name) => !name.startsWith('.gn-swap-'));
  return new Map(names.map((name) => [name, scratch.read(`out/${name}`).toString('base64')]));
}

/**
 * Expects what a killed run left to be the old state or the whole new one, and the next run to finish and clear up.
 *
 * @param run runs gn-swap in the folder, and kills it
 * @param expected what a run that nobody kills leaves
 * @param label names the moment where something is wrong
 * @returns what became of the output
 */
export async function expectWhole(
  killed: KillCase,
  expected: Map<string, string>,
  run: (scratch: Scratch) => Promise<unknown>,
  label: string,
): Promise<'old' | 'new' | 'none'> {
  const { fixture, options } = killed;
  const scratch = prepared(killed);
  try {
    const before = contentsOf(scratch);
    await run(scratch);
    const state = stateOf(killed, contentsOf(scratch), before, expected, label);
    const target = scratch.path('out', `${fixture}.gn.onnx`);
    const again = callOptions({ 'no-verify': true, force: options.includes('--force') || state === 'new' });
    const next = await swapFile(scratch.path(`${fixture}.onnx`), target, again, () => {});
    expect(next.error?.describe(), label).to.equal(undefined);
    expect(contentsOf(scratch), label).to.deep.equal(expected);
    // No folder of the making either.
    expect(scratch.list('out'), label).to.deep.equal([...expected.keys()].sort());
    for (const [file, bytes] of filesOf(fixtureNamed(fixture))) {
      expect(scratch.read(file).equals(bytes), `${label}: ${file}`).to.equal(true);
    }
    return state;
  } finally {
    scratch.remove();
  }
}

/** Of the output: as before, all new, or withdrawn; anything else is a failure. Data are whole whatever becomes of it. */
function stateOf(
  { fixture, mayWithdraw = false }: KillCase,
  after: Map<string, string>,
  before: Map<string, string>,
  expected: Map<string, string>,
  label: string,
): 'old' | 'new' | 'none' {
  const output = `${fixture}.gn.onnx`;
  for (const [file, content] of after) {
    if (file !== output) expect([before.get(file), expected.get(file)], `${label}: ${file}`).to.include(content);
  }
  const found = after.get(output);
  if (found === expected.get(output)) {
    expect(after, label).to.deep.equal(expected);
    return 'new';
  }
  expect(found, label).to.be.oneOf(mayWithdraw ? [before.get(output), undefined] : [before.get(output)]);
  // An old output has its old data.
  if (found !== undefined) for (const file of after.keys()) expect(after.get(file), label).to.equal(before.get(file));
  return found === undefined ? 'none' : 'old';
}
