/** What happens when the reader of our output stops reading. */

/** Goes on in silence if a reader has seen enough (`| head`): that is not an error, and the other models are still done. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
