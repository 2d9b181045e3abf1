/** Reports for CI: an earlier one is replaced, or added to, as every run of a job writes them; other files stay. */
import * as fs from 'node:fs';
import { GnSwapError } from '../../errors.ts';
import { reasonOf } from './errors.ts';
import { statOf } from './paths.ts';
import { writeText } from './text.ts';

/** What is written, and how an earlier one is told from other files. */
export interface GateReport {
  readonly file: string;
  readonly text: string;
  /** With what such a file begins; `undefined` where text is put behind what is there. */
  readonly begins: string | undefined;
  /** That names it, for messages. */
  readonly option: string;
}

/**
 * @returns its bytes
 * @throws GnSwapError `output-exists` where the name is another kind of file's, `unwritable`
 */
export async function writeGateReport({ file, text, begins, option }: GateReport): Promise<number> {
  try {
    const start = startOf(file, begins?.length ?? 64);
    const isOurs = start === '' || (begins === undefined ? !/[^\P{Cc}\s]/u.test(start) : start === begins);
    if (!isOurs) {
      const remedy = `Use another name with ${option}`;
      throw new GnSwapError('output-exists', 'the file exists and is not such a report', { file, remedy });
    }
    if (begins !== undefined) return await writeText(file, text, true, option);
    fs.appendFileSync(file, text);
    return Buffer.byteLength(text);
  } catch (cause) {
    if (cause instanceof GnSwapError) throw cause;
    const remedy = `Use another place with ${option}`;
    throw new GnSwapError('unwritable', `cannot write the file: ${reasonOf(cause)}`, { file, remedy, cause });
  }
}

/** The first characters of a file; none where there is no file, or one without content such as a pipe. */
function startOf(file: string, length: number): string {
  if (statOf(file)?.isFile() !== true) return '';
  const handle = fs.openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.toString('utf8', 0, fs.readSync(handle, bytes, 0, length, 0));
  } finally {
    fs.closeSync(handle);
  }
}
