/** What is said of an error. */
import { GnSwapError } from '../errors.ts';
import { printable } from '../report/format.ts';

/** One or two lines on stderr; the stack too where it is wanted. */
export function complain(error: unknown, verbose: boolean): void {
  const known = error instanceof GnSwapError;
  const text = known ? error.describe() : `unexpected error: ${error instanceof Error ? error.message : error}`;
  process.stderr.write(`gn-swap: ${printable(text)}\n`);
  if (!verbose) return;
  for (let at = error; at instanceof Error; at = at.cause)
    process.stderr.write(`${printable(at.stack ?? '').replaceAll('\\u{a}', '\n')}\n`);
}
