/** A file of lines that grows by one line at a time, so that a kill loses at most the line that is being written. */
import * as fs from 'node:fs';
import { codeOf, unwritable } from './errors.ts';

/** Whole lines of a file; none if there is no file. */
export function readLines(file: string): string[] {
  try {
    const text = fs.readFileSync(file, 'utf8');
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, -1);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw unwritable(file, cause);
  }
}

/**
 * Appends a line. Half a line that a kill left is ended first.
 *
 * @throws GnSwapError `unwritable`
 */
export function appendLine(file: string, line: string): void {
  try {
    fs.appendFileSync(file, `${endsOpen(file) ? '\n' : ''}${line}\n`);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function endsOpen(file: string): boolean {
  if (!fs.existsSync(file)) return false;
  const text = fs.readFileSync(file);
  return text.length > 0 && text.at(-1) !== 0x0a;
}
