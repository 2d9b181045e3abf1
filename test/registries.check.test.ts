import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { CHECKS } from '../src/check/registry.ts';
import { RULES } from '../src/check/rules.ts';
import { RECOGNISERS } from '../src/find/standing/index.ts';
import { OPTIONS } from '../src/options/index.ts';
import { GATE_FORMATS } from '../src/report/gate/index.ts';
import { ROOT, textOf } from './support/docs.ts';

/** Names of what the files of a folder export that has a trait; each is its file's. */
async function definedIn(folder: string, trait: string): Promise<string[]> {
  const found: string[] = [];
  for (const file of readdirSync(`${ROOT}src/${folder}`).filter((name) => name.endsWith('.ts'))) {
    const module: object = await import(`../src/${folder}/${file}`);
    for (const entry of Object.values(module)) {
      if (typeof entry !== 'object' || entry === null || !(trait in entry) || !('name' in entry)) continue;
      expect(`${entry.name}.ts`).to.equal(file);
      found.push(String(entry.name));
    }
  }
  return found;
}

const rowsOf = (page: string, pattern: RegExp) => [...textOf(page).matchAll(pattern)].map(([, ...cells]) => cells);

describe('the registries of checks', () => {
  it('list every check of src/check, and docs/check.md says the same of each', async () => {
    expect(await definedIn('check', 'run')).to.have.members(CHECKS.map(({ name }) => name));
    const rows = new Map(rowsOf('docs/check.md', /^\| ([a-z]+) \| ([^|`]+) \|$/gm) as [string, string][]);
    for (const { name, summary } of CHECKS) expect(rows.get(name), name).to.equal(summary);
  });

  it('list every recogniser of src/find/standing, each with a test', async () => {
    expect(await definedIn('find/standing', 'recognise')).to.have.members(RECOGNISERS.map(({ name }) => name));
    const tests = readdirSync(`${ROOT}test/find/standing`);
    for (const { name, summary } of RECOGNISERS) {
      expect(summary, name).to.match(/\S+ \S+/);
      expect(tests).to.include(`${name}.test.ts`);
    }
  });

  it('have every rule explained in docs/check.md, and nothing that is none', () => {
    expect(rowsOf('docs/check.md', /^\| `([a-z][a-z-]*)` \| ([^|]+) \|$/gm)).to.deep.equal(Object.entries(RULES));
  });

  it('have an option, a test and a row in docs/check.md for every format of reports', () => {
    for (const { name } of GATE_FORMATS) {
      expect(OPTIONS).to.have.property(name);
      expect(readdirSync(`${ROOT}test/report/gate`)).to.include(`${name}.test.ts`);
      expect(textOf('docs/check.md')).to.contain(`\`--${name} FILE\``);
    }
  });
});
