/** Files that are no models, such as reports: written whole or not at all, by the rules of outputs. */
import { GnSwapError } from '../../errors.ts';
import { isSameFile } from './paths.ts';
import { Staging } from './staging.ts';
import { checkTarget } from './target.ts';

/**
 * {@link checkTarget} for such a file.
 *
 * @param sources what it must not be
 * @param option that names it, for messages
 */
export function checkTextTarget(target: string, sources: readonly string[], force: boolean, option: string): void {
  if (sources.some((source) => isSameFile(source, target))) {
    throw new GnSwapError('invalid-arguments', 'it is an input, which is never overwritten', {
      file: target,
      remedy: `Use another name with ${option}`,
    });
  }
  try {
    checkTarget(target, '', force);
  } catch (cause) {
    throw inWordsOf(option, cause);
  }
}

/**
 * @param option that names the file, for messages
 * @returns its bytes
 * @throws GnSwapError `output-exists`, `unwritable`
 */
export async function writeText(target: string, text: string, force: boolean, option: string): Promise<number> {
  const bytes = Buffer.from(text);
  try {
    const staging = new Staging(target);
    try {
      await staging.write({ length: bytes.length, parts: [bytes] });
      staging.commitAlone(force);
    } finally {
      staging.discard();
    }
  } catch (cause) {
    throw inWordsOf(option, cause);
  }
  return bytes.length;
}

/** An error whose remedy names the option that it is about, and not the one of models. */
function inWordsOf(option: string, error: unknown): unknown {
  if (!(error instanceof GnSwapError)) return error;
  const { code, message, file = '', remedy = '', cause } = error;
  return new GnSwapError(code, message, { file, remedy: remedy.replace('--output', option), cause });
}
