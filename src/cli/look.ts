/**
 * What `bin/gn-swap.js` loads first to inspect models: without inputs, that needs a third of the code of all commands, and V8 takes longer to
 * read the rest than to run it.
 */
import { inspect } from './commands/inspect.ts';
import { main } from './main.ts';
import { parse, type Typed } from './parse.ts';
import { tolerateClosedPipes } from './pipes.ts';

/** Whether this bundle does what was typed; if not, nothing was done, and `run.ts` has to see the arguments. */
export const isAnswered = answer();

function answer(): boolean {
  const argv = process.argv.slice(2);
  const typed = lookIn(argv);
  if (typed === undefined) return false;
  tolerateClosedPipes();
  main(argv, () => inspect, typed).then((status) => {
    process.exitCode = status;
  });
  return true;
}

/** Inputs need what calibrates, and stack traces the source map, which only the other bundle has; that one complains, too. */
function lookIn(argv: readonly string[]): Typed | undefined {
  try {
    const typed = parse(argv);
    const isLook = 'command' in typed && typed.command === 'inspect';
    return isLook && !('calibrate' in typed.raw) && !('verbose' in typed.raw) ? typed : undefined;
  } catch {
    return undefined;
  }
}
