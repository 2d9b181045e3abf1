/**
 * The one setting of whoever publishes: the account on GitHub that the repository is under. package.json has it, and this writes it
 * wherever else an address of the repository stands.
 *
 *     npx tsx scripts/owner.ts NAME      set it
 *     npx tsx scripts/owner.ts --check   fail while it is still the placeholder; npm publish runs this
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PLACEHOLDER = 'OWNER';

/** Files that may hold an address of the repository. */
export function filesWithAddresses(): string[] {
  const pages = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const docs = pages.filter((file) => file.endsWith('.md')).map((file) => join('docs', file));
  return ['package.json', 'README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...docs];
}

/** Owners in the addresses of a text: `github.com/NAME/gn-swap`, `NAME.github.io/gn-swap`, and `NAME/gn-swap@` of an action. */
export function ownersIn(text: string): string[] {
  return [...text.matchAll(ADDRESS)].map((match) => match[2] as string);
}

/** The text with every address under another owner. */
export function withOwner(text: string, owner: string): string {
  return text.replace(ADDRESS, (_, before: string, __, after: string) => `${before}${owner}${after}`);
}

const ADDRESS =
  /(github\.com\/|githubusercontent\.com\/|uses: |https:\/\/(?=[\w-]+\.github\.io))([\w-]+)((?:\.github\.io)?\/gn-swap\b)/g;

/** The owner in package.json. */
export function owner(): string {
  return ownersIn(readFileSync(join(ROOT, 'package.json'), 'utf8'))[0] ?? PLACEHOLDER;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const name = process.argv[2] ?? '--check';
  if (name === '--check') {
    if (owner() === PLACEHOLDER)
      throw new Error('Set the owner of the repository first: npx tsx scripts/owner.ts NAME');
  } else {
    for (const file of filesWithAddresses()) {
      const path = join(ROOT, file);
      const text = readFileSync(path, 'utf8');
      if (ownersIn(text).length > 0) writeFileSync(path, withOwner(text, name));
    }
  }
}
