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
    const open = fs.openSync(file, 'a+');
    try {
      fs.appendFileSync(open, `${endsOpen(open) ? '\n' : ''}${line}\n`);
    } finally {
      fs.closeSync(open);
    }
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

/** Whether there is something behind the last end of a line. */
function endsOpen(open: number): boolean {
  const last = new Uint8Array(1);
  const { size } = fs.fstatSync(open);
  return size > 0 && fs.readSync(open, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
}
