/** What `bin/gn-swap.js` loads: runs the command line on this process. */
import { commandOf } from './commands/index.ts';
import { main } from './main.ts';
import { tolerateClosedPipes } from './pipes.ts';

tolerateClosedPipes();
// No await here: the bundle is a script.
main(process.argv.slice(2), commandOf).then((status) => {
  process.exitCode = status;
});
