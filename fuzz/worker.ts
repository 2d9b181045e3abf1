/** A process that tries inputs, so that whoever started it survives an endless loop and a full heap. */

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

/** What it tells: how many ended how, the bytes that it had resident, and the first input that failed. */
export interface Told {
  readonly counts: Readonly<Record<string, number>>;
  readonly resident?: number;
  readonly failure?: { readonly seed: number; readonly message: string };
}

/** What it tells before each input. */
export interface Begun {
  readonly begun: number;
}

const modules = process.argv.slice(2);
const target = Object.assign({}, ...(await Promise.all(modules.map((it) => import(it))))) as Target;
const tell = (what: Begun | Told) => process.send?.(what);

process.on('message', async (task: Task) => {
  const counts: Record<string, number> = {};
  const [from, to] = 'from' in task ? [task.from, task.to] : [task.seed, task.seed + 1];
  for (let seed = from; seed < to; seed++) {
    tell({ begun: seed });
    try {
      const how = await target.attempt('input' in task ? task.input : target.inputOf(seed), seed);
      counts[how] = (counts[how] ?? 0) + 1;
    } catch (error) {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return tell({ counts, failure: { seed, message } });
    }
  }
  return tell({ counts, resident: process.memoryUsage.rss() });
});
