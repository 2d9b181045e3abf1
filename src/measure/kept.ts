/**
 * How much of the source's behaviour a rewritten model keeps, by what its outputs are used for.
 *
 * The figure of a model is the smallest of those of its outputs: whoever uses the model needs all of them, and a mean would hide
 * one that is lost. Outputs with nothing to compare do not count.
 */
import { GnSwapError } from '../errors.ts';
import type { Model } from '../onnx/model.ts';
import type { Value, Values } from '../runtime/session.ts';
import { Evidence } from './evidence.ts';
import { TASKS } from './tasks/index.ts';
import {
  type Answers,
  type Claim,
  type Context,
  type Measured,
  type Output,
  TASK_NAMES,
  type TaskName,
  type TaskOptions,
} from './tasks/types.ts';
import { Variation } from './variation.ts';

/** What became of some outputs. */
export interface TaskKept extends Measured {
  readonly task: TaskName;
  readonly outputs: readonly string[];
  /** What they were taken for, and why. */
  readonly why: string;
}

/** What became of a model's behaviour. */
export interface Kept {
  /** From 0 to 1; `null` if no output could be compared. */
  readonly kept: number | null;
  readonly tasks: readonly TaskKept[];
  /** Outputs that no task could judge, such as text. */
  readonly unjudged: readonly string[];
  /** Inputs that both models were run on. */
  readonly inputs: number;
  /** Why the inputs may not fit the model, each in a sentence without a full stop. */
  readonly doubts: readonly string[];
}

interface Held extends Claim {
  readonly task: TaskName;
}

/** Judges a rewritten model by its answers, run by run. */
export class KeptMeter {
  readonly #evidence: Evidence;
  readonly #options: TaskOptions;
  readonly #variation = new Variation();
  #first: Answers | undefined;
  #claims: readonly Held[] | undefined;
  #unjudged: readonly string[] = [];
  #inputs = 0;

  /** @param model the source; or what is known of it already */
  constructor(model: Model | Evidence, options: TaskOptions = {}) {
    this.#evidence = model instanceof Evidence ? model : new Evidence(model);
    this.#options = options;
  }

  /** Makes a meter that takes the outputs for what this one took them for, and has seen no answers. */
  fresh(): KeptMeter {
    const other = new KeptMeter(this.#evidence, this.#options);
    if (this.#first !== undefined) other.#claims = other.#claim(this.#first);
    return other;
  }

  /** Whether rows of an output depend on the data, so that inputs must be run one by one to know whose they are. */
  runsAlone(): boolean {
    return this.#evidence.outputs.some((name) => this.#evidence.selects(name));
  }

  /**
   * Adds what both models answered to the same inputs.
   *
   * @param count inputs in this run
   * @throws GnSwapError `invalid-arguments` if the options name outputs or tasks that do not go with the model
   */
  add(answers: Answers, count: number): void {
    this.#first ??= answers;
    this.#claims ??= this.#claim(answers);
    this.#inputs += count;
    this.#variation.add(answers.source, count);
    for (const { meter } of this.#claims) meter.add(answers);
  }

  result(): Kept {
    const tasks = (this.#claims ?? []).map(({ task, outputs, why, meter }) => ({
      task,
      outputs,
      why,
      ...meter.result(),
    }));
    const figures = tasks.flatMap(({ kept }) => (kept === null ? [] : [kept]));
    return {
      kept: figures.length === 0 ? null : Math.min(...figures),
      tasks,
      unjudged: this.#unjudged,
      inputs: this.#inputs,
      doubts: [...this.#variation.doubts(), ...scoreDoubts(tasks)],
    };
  }

  #claim(first: Answers): Held[] {
    const context: Context = { evidence: this.#evidence, options: this.#options, first };
    const all = outputsOf(first.source);
    const asked = askedTasks(this.#options, all);
    const claims: Held[] = [];
    for (const task of TASKS) {
      const own = all.filter(({ name }) => asked.get(name) === task.name);
      if (own.length === 0) continue;
      const found = task.find(own, context, true);
      if (found.length === 0) throw unsuitable(task.name, own);
      claims.push(...found.map((claim) => ({ ...claim, task: task.name })));
    }
    let rest = all.filter(({ name }) => !asked.has(name));
    for (const task of TASKS) {
      const found = task.find(rest, context, false);
      const taken = new Set(found.flatMap(({ outputs, beside = [] }) => [...outputs, ...beside]));
      rest = rest.filter(({ name }) => !taken.has(name));
      claims.push(...found.map((claim) => ({ ...claim, task: task.name })));
    }
    this.#unjudged = rest.map(({ name }) => name);
    return claims;
  }
}

function outputsOf(values: Values): Output[] {
  return Object.entries(values).map(([name, { type, dims }]: [string, Value]) => ({ name, type, dims }));
}

/** The task of each output that the caller named, or of all. */
function askedTasks({ task = [], boxes, scores }: TaskOptions, outputs: readonly Output[]): Map<string, string> {
  const asked = new Map<string, string>();
  if (boxes !== undefined || scores !== undefined) for (const { name } of outputs) asked.set(name, 'detect');
  for (const text of task) {
    const at = text.lastIndexOf('=');
    const [output, name] = at === -1 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)];
    const isKnown = TASK_NAMES.some((it) => it === name) || (output !== undefined && name === 'none');
    const named = outputs.filter((it) => output === undefined || it.name === output);
    if (isKnown && named.length > 0) {
      for (const it of named) asked.set(it.name, name);
      continue;
    }
    const list = outputs.map((it) => JSON.stringify(it.name)).join(', ');
    throw new GnSwapError(
      'invalid-arguments',
      isKnown
        ? `--task names the output ${JSON.stringify(output)}; the outputs are ${list}`
        : `--task is ${JSON.stringify(text)}`,
      { remedy: `Give ${TASK_NAMES.join(', ')}, for one output as output=task, or output=none to leave it out` },
    );
  }
  return asked;
}

function unsuitable(task: string, outputs: readonly Output[]): GnSwapError {
  const list = outputs.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).join(', ');
  const remedy =
    task === 'detect' ? 'Name the outputs that hold boxes and scores with --boxes and --scores' : 'Choose another task';
  return new GnSwapError('invalid-arguments', `--task ${task} does not fit the outputs ${list}`, { remedy });
}

/** Below this, the best of all scores says that the source sees nothing it knows. */
const NOTHING = 0.05;

function scoreDoubts(tasks: readonly TaskKept[]): string[] {
  return tasks.flatMap(({ task, figures }) => {
    const top = task === 'detect' ? (figures.topScore ?? null) : null;
    return top === null || top >= NOTHING ? [] : [`the source’s best score on all inputs is ${top.toPrecision(2)}`];
  });
}
