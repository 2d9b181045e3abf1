/** What happens when our output goes nowhere: its reader stops reading, or the disk that it is written to is full. */
import { codeOf, reasonOf } from './disk/errors.ts';

/** What comes behind a failure in the same stream: it is closed. */
const CLOSED = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/**
 * Goes on in silence if a reader has seen enough (`| head`): that is not an error, and the other models are still done. They are also done
 * where the output can't be written (`> log` on a full disk), but then that is said, and the exit status is 2.
 */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (CLOSED.has(codeOf(error))) return;
      process.once('exit', () => {
        process.exitCode ||= 2;
      });
      if (stream === process.stdout) process.stderr.write(`gn-swap: stdout: cannot write: ${reasonOf(error)}.\n`);
    });
  }
}
