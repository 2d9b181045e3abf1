/** The licences of bundled packages, as their terms ask us to pass them on. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Licences that allow to ship a package's code in another one, if its notice goes with it. */
const ALLOWED = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0']);

/**
 * Puts together the names, versions and licence texts of packages.
 *
 * @param folders of the packages
 * @throws RangeError if a licence is not known to allow bundling, or a package has no text of it
 */
export function licencesOf(folders: readonly string[]): string {
  const sections = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (!ALLOWED.has(license))
      throw new RangeError(`${name} has the licence ${license}, which is not known to allow bundling`);
    return { title: `${name} ${version} (${license})`, text: textsIn(folder, name, license) };
  });
  // Many packages of one author have one text.
  const texts = [...new Set(sections.map(({ text }) => text))];
  const parts = texts.map((text) => {
    const titles = sections.filter((it) => it.text === text).map(({ title }) => title);
    return `${titles.join('\n')}\n\n${text}\n`;
  });
  return ['gn-swap ships code of these packages in its command line and its build for browsers.\n', ...parts].join(
    `\n${'-'.repeat(80)}\n\n`,
  );
}

function textsIn(folder: string, name: string, license: string): string {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  if (files.length > 0) return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  const readme = readdirSync(folder).find((file) => /^readme/i.test(file));
  const section =
    readme &&
    /^#+ licen[cs]e.*?\n([\s\S]*?)(?=\n#|$(?![\s\S]))/im.exec(readFileSync(join(folder, readme), 'utf8'))?.[1];
  if (!section?.trim()) throw new RangeError(`${name} (${license}) has no text of its licence`);
  return section.trim();
}
