/** Whether an output may be written where it shall be. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { GnSwapError } from '../../errors.ts';
import { outputExists, REASONS, unwritable, whatIsNoFile } from './errors.ts';
import { isSameFile, statOf } from './paths.ts';

/**
 * Refuses a target that can't or must not be written, before any work is done.
 *
 * @throws GnSwapError `invalid-arguments` where it is the source, `output-exists`, `unwritable`
 */
export function checkTarget(target: string, source: string, force: boolean): void {
  try {
    const found = statOf(target);
    // Of these there is no other to put in their place: a device, a pipe, a folder of somebody's files.
    if (found !== undefined && !found.isFile()) throw unwritable(target, new Error(whatIsNoFile(found)));
    if (isSameFile(source, target)) {
      throw new GnSwapError('invalid-arguments', 'the output is the source, which is never overwritten', {
        file: target,
        remedy: 'Use another name with --output',
        next: { drop: ['output'] },
      });
    }
    if (found !== undefined && !force) throw outputExists(target);
    const folder = path.dirname(target);
    if (statOf(folder)?.isDirectory() === false) throw unwritable(target, new Error(REASONS.ENOTDIR));
    fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
  } catch (cause) {
    throw unwritable(target, cause);
  }
}
