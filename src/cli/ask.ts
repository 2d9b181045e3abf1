/** What `bin/gn-swap.js` loads first for the help, the version and completion: those need nothing of the rest. */
import { parse } from './parse.ts';
import { tolerateClosedPipes } from './pipes.ts';

/** Whether what was asked for is printed; if not, `run.ts` has to see the arguments. */
export const isAnswered = answer();

function answer(): boolean {
  try {
    const typed = parse(process.argv.slice(2), { columns: process.stdout.columns });
    if ('command' in typed) return false;
    tolerateClosedPipes();
    process.stdout.write(typed.text);
    return true;
  } catch {
    return false;
  }
}
