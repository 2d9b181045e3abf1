import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { PATTERNS } from '../src/find/index.ts';
import { FORMS } from '../src/forms/index.ts';
import { NORMS } from '../src/norms/index.ts';
import { INITS } from '../src/norms/inits/index.ts';

/** A folder whose files are entries of a list, with the function that tells an entry from a helper. */
interface Registry {
  readonly folder: string;
  readonly entries: readonly { readonly name: string; readonly summary: string }[];
  readonly trait: string;
  /** Folder of its pages. */
  readonly docs: string;
}

const REGISTRIES: readonly Registry[] = [
  { folder: 'norms', entries: NORMS, trait: 'elements', docs: 'norms' },
  { folder: 'forms', entries: FORMS, trait: 'build', docs: 'forms' },
  { folder: 'norms/inits', entries: INITS, trait: 'parameters', docs: 'inits' },
  { folder: 'find', entries: PATTERNS, trait: 'matches', docs: 'patterns' },
];

const root = fileURLToPath(new URL('../', import.meta.url));

function hasTrait(value: unknown, trait: string): value is Registry['entries'][number] {
  return typeof value === 'object' && value !== null && trait in value && 'name' in value;
}

for (const { folder, entries, trait, docs } of REGISTRIES) {
  describe(`the registry of src/${folder}`, () => {
    it('lists every file that defines an entry, under the name of the file', async () => {
      const found: string[] = [];
      for (const file of readdirSync(`${root}src/${folder}`).filter((name) => name.endsWith('.ts'))) {
        const module: object = await import(`../src/${folder}/${file}`);
        for (const entry of Object.values(module)) {
          if (!hasTrait(entry, trait)) continue;
          expect(`${entry.name}.ts`).to.equal(file);
          found.push(entry.name);
        }
      }
      expect(found).to.have.members(entries.map(({ name }) => name));
    });

    for (const { name, summary } of entries) {
      it(`${name} has a summary, a test and a page`, () => {
        expect(summary).to.match(/\S+ \S+/);
        expect(existsSync(`${root}test/${folder}/${name}.test.ts`), 'test').to.equal(true);
        expect(existsSync(`${root}docs/${docs}/${name}.md`), 'page').to.equal(true);
      });
    }
  });
}
