/** Ends a job of a program at its signal. */
import type { SwapOptions } from '../options.ts';

/** What is told of a job, and ends it. */
type Told = Pick<SwapOptions, 'onProgress' | 'signal'>;

/**
 * Runs a job that looks at its signal wherever it tells how far it is: between two runs of the model, at most.
 *
 * @param run is handed the options with an `onProgress` that throws once the signal was given
 * @throws the reason of the signal, whatever the job made of it
 */
export async function untilAborted<O extends Told, T>(options: O, run: (options: O) => Promise<T>): Promise<T> {
  const { signal, onProgress } = options;
  if (signal === undefined) return run(options);
  signal.throwIfAborted();
  try {
    return await run({
      ...options,
      onProgress: (step: string, done: number, of: number) => {
        signal.throwIfAborted();
        onProgress?.(step, done, of);
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
