/** What is where: looked at, listed, compared. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { codeOf, unreadable, unwritable } from './errors.ts';

/** What is at a path, links followed; `undefined` where nothing is. Other failures are thrown, as by `fs`. */
export function statOf(file: string): fs.BigIntStats | undefined {
  try {
    return fs.statSync(file, { bigint: true });
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw cause;
  }
}

/**
 * Paths of all files in a folder and in those below it, sorted; hidden ones are left out. Of a file, its own path.
 *
 * Links are followed, as data sets are put together of them, and one that leads nowhere is listed: reading it tells. A link to a folder that it is in
 * would go round, and a linked folder full of links could go on for ever, so below a link only folders are followed that were not listed yet.
 */
export function listFiles(file: string): string[] {
  try {
    if (!fs.statSync(file).isDirectory()) return [file];
    const found: string[] = [];
    const listed = new Set<string>();
    const walk = (folder: string, around: readonly string[], isLinked: boolean) => {
      const real = fs.realpathSync(folder);
      listed.add(real);
      const within = [...around, real];
      for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        if (entry.name.startsWith('.')) continue;
        const name = path.join(folder, entry.name);
        const kind = entry.isSymbolicLink() ? linkedKind(name) : entry;
        if (kind === undefined || kind.isFile()) found.push(name);
        else if (!kind.isDirectory()) continue;
        else if (!entry.isSymbolicLink()) walk(name, within, isLinked);
        else if (leadsOn(fs.realpathSync(name), within, isLinked ? listed : undefined)) walk(name, within, true);
      }
    };
    walk(file, [], false);
    return found.sort();
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** What a link leads to; `undefined` if that is not there. */
function linkedKind(link: string): fs.Stats | undefined {
  try {
    return fs.statSync(link);
  } catch {
    return undefined;
  }
}

/** Whether a folder is none of those around it, nor one of those listed. */
function leadsOn(target: string, around: readonly string[], listed: ReadonlySet<string> | undefined): boolean {
  const [root = target] = around;
  const isAround = around.includes(target) || root.startsWith(target.endsWith(path.sep) ? target : target + path.sep);
  return !isAround && listed?.has(target) !== true;
}

/** What two paths have in common that lead to one file, by links of either kind; `undefined` where nothing can be found. */
export function identityOf(file: string): string | undefined {
  try {
    const found = statOf(file);
    return found && `${found.dev}:${found.ino}`;
  } catch {
    return undefined;
  }
}

/** Whether both paths lead to one file. */
export function isSameFile(a: string, b: string): boolean {
  const identity = identityOf(a);
  return identity !== undefined && identity === identityOf(b);
}

/** Whether anything is at a path. */
export function isThere(file: string): boolean {
  return fs.existsSync(file);
}

/**
 * Makes sure that a path can be read, before work begins that would be lost.
 *
 * @throws GnSwapError `unreadable`
 */
export function requireReadable(file: string): void {
  try {
    fs.accessSync(file, fs.constants.R_OK);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** Whether a path is a folder. */
export function isFolder(file: string): boolean {
  try {
    return statOf(file)?.isDirectory() ?? false;
  } catch (cause) {
    throw unwritable(file, cause);
  }
}
