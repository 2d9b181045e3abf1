/** Names of classes, one in each line, whose numbers are those of the lines. */
import { GnSwapError } from '../../errors.ts';
import { requireDistinctNames, type WrittenLabel } from './classes.ts';

/**
 * Reads the names. Blank lines may follow the last.
 *
 * @param lines trimmed
 * @throws GnSwapError `invalid-data` for a name that comes twice, and for a blank line before another name: some tools count it as a class, and
 *   some do not
 */
export function namesIn(lines: readonly WrittenLabel[]): string[] {
  const last = lines.findLastIndex(({ text }) => text !== '');
  const written = lines.slice(0, last + 1);
  const blank = written.find(({ text }) => text === '');
  if (blank !== undefined) {
    throw new GnSwapError('invalid-data', 'the line is blank, and the numbers of the classes below depend on it', {
      file: blank.place,
      remedy: 'Write the name of the class with this number, or remove the line if labels do not count it',
    });
  }
  requireDistinctNames(written);
  return written.map(({ text }) => text);
}
