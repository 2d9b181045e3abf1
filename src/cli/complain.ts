/** What is said of an error. */
import { GnSwapError } from '../errors.ts';
import { printable } from '../report/format.ts';
import { commandText } from '../words.ts';
import { nextCommand } from './next.ts';

/**
 * Says on stderr what went wrong, and what to type next; with `verbose` also where.
 *
 * @param argv what was typed, to build the next command from
 */
export function complain(error: unknown, verbose: boolean, argv: readonly string[] = []): void {
  const known = error instanceof GnSwapError;
  const text = known ? error.describe() : `unexpected error: ${error instanceof Error ? error.message : error}`;
  process.stderr.write(`gn-swap: ${printable(text)}\n`);
  if (known && error.next !== undefined && argv.length > 0) {
    const next = nextCommand(argv, error.next);
    // What is wrong may be of a file that another file names.
    if (next !== commandText(argv)) process.stderr.write(`Try: ${printable(next)}\n`);
  }
  if (!verbose) return;
  for (let at = error; at instanceof Error; at = at.cause)
    process.stderr.write(`${printable(at.stack ?? '').replaceAll('\\u{a}', '\n')}\n`);
}
