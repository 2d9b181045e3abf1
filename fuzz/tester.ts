/**
 * A process with limits that inputs are tried in: one that takes too long, or too much memory, is a failure like one that throws. A
 * thread would do, were it not that Node 24 may end the whole process where a thread's heap is full.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Begun, Task, Told } from './worker.ts';

export interface Limits {
  /** For one input. */
  readonly milliseconds: number;
  /** Of the worker's heap. */
  readonly megabytes: number;
}

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Characters that are kept of what a process says before it dies. */
const MOST_WORDS = 10_000;

export class Tester {
  readonly #modules: readonly string[];
  readonly #limits: Limits;
  #worker: ChildProcess | undefined;

  /** @param modules URLs of what makes a `Target` */
  constructor(modules: readonly string[], limits: Limits) {
    this.#modules = modules;
    this.#limits = limits;
  }

  /** Tries inputs until one fails. */
  try(task: Task): Promise<Told> {
    const worker = this.#started();
    return new Promise((resolve) => {
      let seed = 'from' in task ? task.from : task.seed;
      let words = '';
      let watch: NodeJS.Timeout | undefined;
      const end = (told: Told) => {
        clearTimeout(watch);
        worker.off('message', onMessage).off('close', onClose);
        worker.stderr?.off('data', onWords);
        resolve(told);
      };
      const lose = (message: string) => {
        this.#worker = undefined;
        end({ counts: {}, failure: { seed, message } });
      };
      const onTimeout = () => {
        worker.kill('SIGKILL');
        lose(`no end after ${this.#limits.milliseconds} ms`);
      };
      const onMessage = (told: Begun | Told) => {
        if (!('begun' in told)) return end(told);
        seed = told.begun;
        clearTimeout(watch);
        watch = setTimeout(onTimeout, this.#limits.milliseconds);
      };
      const onWords = (text: Buffer) => {
        words = (words + text).slice(-MOST_WORDS);
      };
      const onClose = (status: number | null, signal: string | null) => {
        lose(`the process died with ${signal ?? status}: ${/^.*error\b.*$/im.exec(words)?.[0] ?? words}`);
      };
      worker.stderr?.on('data', onWords);
      worker.on('message', onMessage).on('close', onClose).send(task);
    });
  }

  #started(): ChildProcess {
    if (this.#worker !== undefined) return this.#worker;
    const worker = fork(WORKER, this.#modules, {
      execArgv: ['--import', import.meta.resolve('tsx/esm'), `--max-old-space-size=${this.#limits.megabytes}`],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    // Whoever leaves in the midst of it leaves no loop behind.
    const kill = () => worker.kill('SIGKILL');
    process.once('exit', kill);
    worker.once('exit', () => process.off('exit', kill));
    this.#worker = worker;
    return worker;
  }

  close(): void {
    this.#worker?.kill('SIGKILL');
    this.#worker = undefined;
  }
}
