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

/** Paths of all files in a folder and in those below it, sorted; hidden ones are left out. Of a file, its own path. */
export function listFiles(file: string): string[] {
  try {
    if (!fs.statSync(file).isDirectory()) return [file];
    const entries = fs.readdirSync(file, { recursive: true, withFileTypes: true });
    const visible = entries.filter((entry) => !entry.name.startsWith('.') && (entry.isFile() || isLinkToFile(entry)));
    return visible.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

/** Data sets are put together of links. Those to folders are not followed: they may lead round. */
function isLinkToFile(entry: fs.Dirent): boolean {
  if (!entry.isSymbolicLink()) return false;
  try {
    return fs.statSync(path.join(entry.parentPath, entry.name)).isFile();
  } catch {
    return false;
  }
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
