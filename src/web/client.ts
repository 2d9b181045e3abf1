/** The Worker as a page sees it. Loads nothing of gn-swap itself. */
import type {
  Answer,
  ModelFacts,
  ModelFiles,
  NamedFile,
  OptionFacts,
  Options,
  Problem,
  Progress,
  Request,
  RunResult,
  TaskFiles,
  TaskName,
} from './messages.ts';

/** What went wrong, for a `catch`: the problem, with its code and what to do. */
export class WorkerProblem extends Error {
  override readonly name = 'WorkerProblem';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** How a run is followed and ended. */
export interface Talk {
  /** Ends the run at once; its promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Ends training behind the step that is under way, and keeps the best so far. */
  readonly finish?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A model that was opened. It stays valid when the Worker is started anew. */
export interface ModelHandle {
  readonly facts: ModelFacts;
  /** Runs a task on it. What goes wrong with the model is in the result; see {@link RunResult.status}. */
  run(task: TaskName, options?: Options, files?: TaskFiles, talk?: Talk): Promise<RunResult>;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(reason: unknown): void;
  onProgress?: Talk['onProgress'];
}

/** Talks to one Worker, and starts another in its place when a run is cancelled or the Worker dies. */
export class Client {
  readonly #start: () => Worker;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #running: number | undefined;

  /** @param start makes a Worker of `worker.js`; called when it is first needed */
  constructor(start: () => Worker) {
    this.#start = start;
  }

  /**
   * Reads a model. Weights stay in the file.
   *
   * @throws WorkerProblem if it is not a model
   */
  async open(file: File, external: readonly NamedFile[] = []): Promise<ModelHandle> {
    const model: ModelFiles = { file, external };
    const { facts } = expect('opened', await this.#ask((id) => ({ kind: 'open', id, model })));
    return { facts, run: (task, options, files, talk) => this.#run(task, model, options, files, talk) };
  }

  /** Lists the options of a task, for a form. */
  async options(task: TaskName): Promise<readonly OptionFacts[]> {
    return expect('options', await this.#ask((id) => ({ kind: 'options', id, task }))).options;
  }

  /**
   * Renders the HTML report on a run.
   *
   * @throws WorkerProblem if another run was begun since
   */
  async report({ run }: RunResult): Promise<string> {
    return expect('report', await this.#ask((id) => ({ kind: 'report', id, run }))).html;
  }

  /** Ends the Worker, and with it what runs; the next request starts another. */
  stop(reason: unknown = new DOMException('The run was cancelled', 'AbortError')): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#running = undefined;
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }

  async #run(
    task: TaskName,
    model: ModelFiles,
    options: Options = {},
    files: TaskFiles = {},
    { signal, finish, onProgress }: Talk = {},
  ): Promise<RunResult> {
    signal?.throwIfAborted();
    if (this.#running !== undefined) throw new WorkerProblem(BUSY);
    const cancel = () => this.stop(signal?.reason);
    const end = () => this.#post({ kind: 'finish', run: this.#running ?? 0 });
    signal?.addEventListener('abort', cancel, { once: true });
    finish?.addEventListener('abort', end, { once: true });
    let own = 0;
    try {
      const asked = this.#ask((id) => {
        own = id;
        this.#running = id;
        return { kind: 'run', id, task, model, options, files };
      }, onProgress);
      const { result } = expect('done', await asked);
      // A runtime that failed may be left half done, and out of memory it answers to nothing any more.
      if (UNSOUND.some((code) => code === result.problem?.code)) this.stop();
      return result;
    } finally {
      if (this.#running === own) this.#running = undefined;
      signal?.removeEventListener('abort', cancel);
      finish?.removeEventListener('abort', end);
    }
  }

  #ask(make: (id: number) => Request, onProgress?: Talk['onProgress']): Promise<Answer> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      this.#post(make(id));
    });
  }

  #post(request: Request): void {
    this.#worker ??= this.#open();
    this.#worker.postMessage(request);
  }

  #open(): Worker {
    const worker = this.#start();
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#hear(data);
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.stop(new WorkerProblem(died(event.message)));
    };
    return worker;
  }

  #hear(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (answer.kind === 'progress') {
      waiting?.onProgress?.(answer.progress);
      return;
    }
    this.#waiting.delete(answer.id);
    if (answer.kind === 'problem') waiting?.reject(new WorkerProblem(answer.problem));
    else waiting?.resolve(answer);
  }
}

/** Problems after which a Worker is not trusted. */
const UNSOUND = ['runtime-failed', 'internal'] as const;

const NOWHERE = { file: undefined, node: undefined, next: undefined } as const;

const BUSY: Problem = {
  ...NOWHERE,
  code: 'invalid-arguments',
  message: 'another run is under way',
  remedy: 'Wait until it ends, or cancel it',
};

function died(detail: string): Problem {
  return {
    ...NOWHERE,
    code: 'internal',
    message: `the Worker ended: ${detail || 'the browser does not say why'}`,
    remedy: 'Try again; a smaller model or fewer samples take less memory',
  };
}

function expect<K extends Answer['kind']>(kind: K, answer: Answer): Extract<Answer, { readonly kind: K }> {
  if (isKind(kind, answer)) return answer;
  throw new Error(`the Worker answered ${answer.kind} in place of ${kind}`);
}

function isKind<K extends Answer['kind']>(kind: K, answer: Answer): answer is Extract<Answer, { readonly kind: K }> {
  return answer.kind === kind;
}
