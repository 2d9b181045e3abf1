/** Folders that outputs are put in; those that stay empty go again. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { codeOf, unwritable } from './errors.ts';

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
    throw unwritable(folder, (codeOf(cause) === 'ENOENT' && whyNot(folder)) || cause);
  }
}

/** Node says that there is no such folder where the one around it may not be written to. */
function whyNot(folder: string): unknown {
  let around = path.resolve(folder);
  while (!fs.existsSync(around)) around = path.dirname(around);
  try {
    fs.accessSync(around, fs.constants.W_OK | fs.constants.X_OK);
  } catch (cause) {
    return cause;
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
