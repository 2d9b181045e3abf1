/** A thread that tries inputs, so that whoever started it survives an endless loop and a full heap. */
import { parentPort, workerData } from 'node:worker_threads';

/** What is tried, by the modules that a worker is told to load. */
export interface Target {
  inputOf(seed: number): Uint8Array;
  /** Resolves with what became of it; throws where something does not hold. */
  attempt(input: Uint8Array, seed: number): Promise<string>;
}

/** What a worker is told: seeds to try, or one input that a seed's options go with. */
export type Task =
  | { readonly from: number; readonly to: number }
  | { readonly input: Uint8Array; readonly seed: number };

/** What it tells: how many ended how, and the first that failed. */
export interface Told {
  readonly counts: Readonly<Record<string, number>>;
  readonly failure?: { readonly seed: number; readonly message: string };
}

const { modules, current } = workerData as { modules: readonly string[]; current: Int32Array };
const target = Object.assign({}, ...(await Promise.all(modules.map((it) => import(it))))) as Target;

parentPort?.on('message', async (task: Task) => {
  const counts: Record<string, number> = {};
  const [from, to] = 'from' in task ? [task.from, task.to] : [task.seed, task.seed + 1];
  for (let seed = from; seed < to; seed++) {
    // Seen from outside, also while this thread is busy.
    current[0] = seed;
    current[1] = (current[1] ?? 0) + 1;
    try {
      const how = await target.attempt('input' in task ? task.input : target.inputOf(seed), seed);
      counts[how] = (counts[how] ?? 0) + 1;
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return parentPort?.postMessage({ counts, failure: { seed, message } } satisfies Told);
    }
  }
  return parentPort?.postMessage({ counts } satisfies Told);
});
