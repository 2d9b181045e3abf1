/// <reference lib="dom" />
/** The Worker of a page: hears requests, runs one task at a time, and answers. */
import { callOptions } from '../../call/arguments.ts';
import { rawOf } from '../../call/raw.ts';
import { GnSwapError } from '../../errors.ts';
import { Job, outcomeOf } from '../../jobs/job.ts';
import type { Answer, OutputFile, Progress, Request, TaskFiles } from '../messages.ts';
import { commandWords, withFiles } from './command.ts';
import { modelFacts, optionFacts } from './facts.ts';
import { WebHome } from './home.ts';
import { type Ended, problemOf, reportOf, resultOf } from './result.ts';
import { TASKS } from './tasks.ts';

/** Milliseconds between two reports of progress on a step. */
const PACE = 50;

let running: { readonly id: number; readonly finish: AbortController } | undefined;
let ended: Ended | undefined;

function say(answer: Answer): void {
  self.postMessage(answer);
}

async function answer(request: Exclude<Request, { kind: 'finish' }>): Promise<Answer> {
  const { id } = request;
  if (request.kind === 'options') return { kind: 'options', id, options: optionFacts(request.task) };
  if (request.kind === 'open') {
    const { name } = request.model.file;
    return { kind: 'opened', id, facts: inFile(name, () => modelFacts(WebHome.of(request.model), name)) };
  }
  if (request.kind === 'run') return run(request);
  if (ended?.run !== request.run) {
    throw new GnSwapError('invalid-arguments', 'its report is gone: another run was begun since', {
      remedy: 'Run it again',
    });
  }
  const { renderHtml } = await import('../../report/html/index.ts');
  return { kind: 'report', id, html: await renderHtml(reportOf(ended)) };
}

async function run({ id, task, model, options, files: given }: Extract<Request, { kind: 'run' }>): Promise<Answer> {
  const files = present(given);
  if (running !== undefined) {
    throw new GnSwapError('invalid-arguments', 'another run is under way', {
      remedy: 'Wait until it ends, or cancel it',
    });
  }
  const finish = new AbortController();
  running = { id, finish };
  ended = undefined;
  try {
    const { name } = model.file;
    const all = withFiles(options, files);
    const commandLine = commandWords(task, name, all);
    const onProgress = paced((progress) => say({ kind: 'progress', id, progress }));
    const job = new Job(name, task, (step, done, of) => onProgress({ step, done, of }));
    job.draft.typed = commandLine;
    let output: OutputFile | undefined;
    let inForce: Ended['options'] = [];
    const outcome = await outcomeOf(job, async () => {
      const call = callOptions(rawOf(task, all), commandLine);
      inForce = call.given;
      const home = WebHome.of(model);
      output = await TASKS[task](job, { name, home, call, files, finish: finish.signal, onProgress });
    });
    ended = { run: id, outcome, output, commandLine, options: inForce };
    return { kind: 'done', id, result: resultOf(ended) };
  } finally {
    running = undefined;
  }
}

/** Files that are given: a form may have lists with nothing in them. */
function present(files: TaskFiles): TaskFiles {
  return Object.fromEntries(
    Object.entries(files).filter(([, it]) => it !== undefined && !(Array.isArray(it) && it.length === 0)),
  );
}

/** Leaves out progress that follows too soon, but for a new step and the end of one. */
function paced(tell: (progress: Progress) => void): (progress: Progress) => void {
  let last = { step: '', time: 0 };
  return (progress) => {
    const time = performance.now();
    if (progress.step === last.step && progress.done !== progress.of && time - last.time < PACE) return;
    last = { step: progress.step, time };
    tell(progress);
  };
}

function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof GnSwapError ? error.in(file) : error;
  }
}

self.onmessage = ({ data: request }: MessageEvent<Request>) => {
  if (request.kind === 'finish') {
    if (running?.id === request.run) running.finish.abort();
    return;
  }
  answer(request)
    .then(say)
    .catch((error: unknown) => say({ kind: 'problem', id: request.id, problem: problemOf(error) }));
};
