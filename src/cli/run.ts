/** What `bin/gn-swap.js` loads: runs the command line on this process. */
import { main } from './main.ts';

// A reader that has seen enough (`| head`) is no error, and no reason to leave the other models undone.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

// No await here: the bundle is a script.
main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
