/** Folders that outputs are put in; those that stay empty go again. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { unwritable } from './errors.ts';

/** Paths of all that were made, outer ones first. */
let made: string[] = [];

/** Makes a folder and those around it. */
export function makeFolder(folder: string): void {
  try {
    const first = fs.mkdirSync(folder, { recursive: true });
    if (first === undefined) return;
    const inner: string[] = [];
    for (let at = path.resolve(folder); at.length >= path.resolve(first).length; at = path.dirname(at)) inner.push(at);
    made.push(...inner.reverse());
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

/** Removes what {@link makeFolder} made and nothing is in: a run that fails leaves none of its folders. */
export function removeEmptyFolders(): void {
  made = made.reverse().filter((folder) => {
    try {
      fs.rmdirSync(folder);
      return false;
    } catch {
      return fs.existsSync(folder);
    }
  });
  made.reverse();
}
