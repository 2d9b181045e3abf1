/** A worker with limits: an input that takes too long, or too much memory, is a failure like one that throws. */
import { Worker } from 'node:worker_threads';
import type { Task, Told } from './worker.ts';

export interface Limits {
  /** For one input. */
  readonly milliseconds: number;
  /** Of the worker's heap. */
  readonly megabytes: number;
}

const LOOK_EVERY_MS = 250;

export class Thread {
  readonly #modules: readonly string[];
  readonly #limits: Limits;
  #worker: Worker | undefined;
  /** The seed at work, and how many were begun. */
  #current = new Int32Array(new SharedArrayBuffer(8));

  /** @param modules URLs of what makes a {@link Target} */
  constructor(modules: readonly string[], limits: Limits) {
    this.#modules = modules;
    this.#limits = limits;
  }

  /** Tries inputs until one fails. */
  try(task: Task): Promise<Told> {
    const worker = this.#started();
    return new Promise((resolve) => {
      let [begun, since] = [this.#current[1], performance.now()];
      const watch = setInterval(() => {
        if (this.#current[1] !== begun) [begun, since] = [this.#current[1], performance.now()];
        else if (performance.now() - since > this.#limits.milliseconds)
          lost(`no end after ${this.#limits.milliseconds} ms`);
      }, LOOK_EVERY_MS);
      const end = (told: Told) => {
        clearInterval(watch);
        worker.removeAllListeners();
        resolve(told);
      };
      const lost = (message: string) => {
        const seed = this.#current[0] ?? 0;
        this.#worker = undefined;
        // Whatever it still says is about what is lost already.
        worker.on('error', () => {});
        void worker.terminate().then(() => end({ counts: {}, failure: { seed, message } }));
      };
      worker.on('message', end);
      worker.on('error', (error) => lost(`the thread died: ${error.message}`));
      worker.postMessage(task);
    });
  }

  #started(): Worker {
    this.#worker ??= new Worker(new URL('start-worker.js', import.meta.url), {
      workerData: { modules: this.#modules, current: this.#current },
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.megabytes },
    });
    return this.#worker;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}
