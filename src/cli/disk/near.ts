/** What a path may have been meant for that leads nowhere. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { nearest } from '../../options/nearest.ts';

/** Shorter names are like too many others. */
const LEAST = 5;

/** What is in the same folder under a name that is nearly the same, or with another ending. */
export function nearPath(file: string): string | undefined {
  const name = path.basename(file);
  try {
    const near = nearName(
      name,
      fs.readdirSync(path.dirname(file)).filter((it) => !it.startsWith('.')),
    );
    // What stands before it stays as it was typed.
    return near && file.slice(0, file.lastIndexOf(name)) + near;
  } catch {
    // Without the folder there is nothing to find.
    return undefined;
  }
}

function nearName(name: string, names: readonly string[]): string | undefined {
  const { name: stem, ext } = path.parse(name);
  const alike = names.filter((it) => path.parse(it).name === stem);
  if (alike.length > 0) return nearest(name, alike) ?? (ext === '' ? alike[0] : undefined);
  if (stem.length < LEAST) return undefined;
  // An ending that both have says nothing.
  const others = names.map((it) => path.parse(it)).filter((it) => it.ext === ext);
  const near = nearest(
    stem,
    others.map((it) => it.name),
  );
  return near === undefined ? undefined : near + ext;
}
