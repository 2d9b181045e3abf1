/** Models on stdin and stdout. Both go through a folder for temporary files, as ONNX Runtime loads files. */
import { createReadStream, createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GnSwapError } from '../../errors.ts';
import { codeOf, unwritable } from './errors.ts';
import { Staging } from './staging.ts';

/**
 * Reads a model to its end, into a file that lies in a folder of its own.
 *
 * @returns the folder, which is to be discarded; `model` is the file
 * @throws GnSwapError `unreadable` if nothing comes, `unwritable`
 */
export async function receiveModel(from: Readable & { readonly isTTY?: boolean } = process.stdin): Promise<Staging> {
  if (from.isTTY === true) throw nothingOn('it is a terminal');
  const staging = new Staging(path.join(tmpdir(), 'stdin.onnx'));
  try {
    const file = createWriteStream(staging.model, { flags: 'wx' });
    await pipeline(from, file);
    if (file.bytesWritten === 0) throw nothingOn('it is empty');
    return staging;
  } catch (cause) {
    staging.discard();
    throw unwritable(staging.model, cause);
  }
}

function nothingOn(problem: string): GnSwapError {
  return new GnSwapError('unreadable', problem, { remedy: 'Send a model: gn-swap - < model.onnx > model.gn.onnx' });
}

/** Path that an output for stdout is staged for; nothing appears there. */
export const STAGED_FOR_STDOUT = path.join(tmpdir(), 'stdout.onnx');

/**
 * Sends the model in the making, and removes it.
 *
 * @throws GnSwapError `unwritable`, also if the reader has gone
 */
export async function sendModel(staging: Staging, to: Writable = process.stdout): Promise<void> {
  try {
    await pipeline(createReadStream(staging.model, { highWaterMark: 1 << 20 }), to, { end: false });
  } catch (cause) {
    const isClosed = codeOf(cause) === 'EPIPE';
    throw new GnSwapError('unwritable', isClosed ? 'stdout was closed before all was written' : String(cause), {
      cause,
    });
  } finally {
    staging.discard();
  }
}
