/** The page: which model is open, which task is chosen, what runs. One model and one run at a time. */
import type { Client, ModelHandle } from '../client.ts';
import type { ModelFacts, NamedFile, Problem, RunResult } from '../messages.ts';
import { byId, bytesText, el, focusOn, sentence, withOptions } from './dom.ts';
import { download } from './download.ts';
import { chosenFiles, type ModelChoice, sort } from './files.ts';
import { type TaskForm, taskForm } from './form.ts';
import { showFound, showModel, showProblem, showRunning } from './outcome.ts';
import { acceptDrops, NOTHING } from './picker.ts';
import { ended, problemOf } from './problem.ts';
import { showResult } from './result.ts';
import { labelOf, TASKS, type Task } from './tasks.ts';
import { plainInPage } from './wording.ts';

/** A change of an option is looked at when it is this old, in milliseconds. */
const SETTLED = 250;

export class App {
  readonly #client: Client;
  readonly #forms = new Map<Task, TaskForm>();
  readonly #outcome = byId('outcome', HTMLElement);
  readonly #notice = byId('notice', HTMLElement);
  readonly #run = byId('run', HTMLButtonElement);
  #task = TASKS[0] as Task;
  #model: ModelHandle | undefined;
  #given: ModelChoice | undefined;
  /** Ends what runs; undefined if nothing does. */
  #running: AbortController | undefined;
  /** Whether what came of a run stands beside the form: nothing but another run or model may take its place. */
  #hasResult = false;
  /** A look at the model that waits for the options to settle, and the one that is under way. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> = Promise.resolve();
  /** Counts what was asked for, so that an answer that is overtaken is not shown. */
  #asked = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Makes the page live. */
  start(): void {
    for (const id of ['model-file', 'other-file']) {
      const input = byId(id, HTMLInputElement);
      input.addEventListener('change', () => {
        const files = chosenFiles(input);
        input.value = '';
        if (files.length > 0) void this.#take(files);
      });
    }
    acceptDrops(document.body, (files) => void this.#take(files));
    this.#addTasks();
    byId('form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#start();
    });
    window.addEventListener('beforeunload', (event) => {
      if (this.#running !== undefined) event.preventDefault();
    });
  }

  #addTasks(): void {
    const place = byId('tasks', HTMLElement);
    for (const [index, task] of TASKS.entries()) {
      const id = `choose-${task.name}`;
      const input = el('input', { type: 'radio', name: 'task', id, class: 'unseen', checked: task === this.#task });
      input.addEventListener('change', () => void this.#choose(task));
      place.append(input, el('label', { for: id, class: index > 0 && 'later' }, task.label));
    }
  }

  /** Files that came in from anywhere: a model, its weights, or samples for the task at hand. */
  async #take(files: readonly NamedFile[]): Promise<void> {
    if (files.length === 0) {
      this.#say(NOTHING);
      return;
    }
    if (this.#running !== undefined) {
      this.#say('A run is under way. Wait until it ends, or cancel it, and drop the files again.');
      return;
    }
    const given = this.#given && { ...this.#given, missing: this.#model?.facts.missing ?? [] };
    const taken = sort(files, given);
    if (taken.kind === 'samples') this.#forms.get(this.#task)?.take(files);
    else if (taken.kind === 'problem') this.#say(taken.text, true);
    else await this.#open(taken.model, taken.external);
  }

  async #open(model: File, external: readonly NamedFile[]): Promise<void> {
    this.#say('');
    this.#tell(`Reading ${model.name}`);
    document.body.classList.add('busy');
    try {
      const opened = await this.#client.open(model, external);
      this.#model = opened;
      this.#given = { model, external };
      this.#hasResult = false;
      byId('start', HTMLElement).hidden = true;
      byId('work', HTMLElement).hidden = false;
      this.#showModel(opened.facts);
      focusOn(byId('model-name', HTMLElement));
      await this.#choose(this.#task);
    } catch (error) {
      const { message, remedy } = problemOf(error);
      this.#say(
        [`${model.name}: ${message}`, remedy ?? '']
          .filter((part) => part !== '')
          .map(ended)
          .join(' '),
        true,
      );
    } finally {
      document.body.classList.remove('busy');
    }
  }

  #showModel({ name, bytes, opset, producer, external, missing }: ModelFacts): void {
    document.title = `${name} – gn-swap`;
    byId('model-name', HTMLElement).textContent = name;
    const facts = [
      bytesText(bytes),
      `opset ${opset}`,
      producer === '' ? '' : `from ${producer}`,
      external.length === 0 ? '' : `weights in ${external.join(', ')}`,
    ];
    byId('model-facts', HTMLElement).textContent = facts.filter((fact) => fact !== '').join(' · ');
    if (missing.length > 0) {
      this.#say(`The weights of this model are in other files. Drop these here too: ${missing.join(', ')}.`);
    }
  }

  async #choose(task: Task): Promise<void> {
    this.#task = task;
    let form = this.#forms.get(task);
    if (form === undefined) {
      form = taskForm(task, await this.#client.options(task.name), () => this.#changed());
      this.#forms.set(task, form);
    }
    // Another task may have been chosen while its options came.
    if (this.#task !== task) return;
    byId('fields', HTMLElement).replaceChildren(form.element);
    this.#run.textContent = task.verb;
    await this.#find();
  }

  #changed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#find(), SETTLED);
  }

  /** Looks at the model with the options at hand, and shows what a run would do. */
  #find(): Promise<void> {
    clearTimeout(this.#timer);
    const asked = ++this.#asked;
    // One after the other: the Worker does one thing at a time.
    this.#looking = this.#looking.then(async () => {
      const model = this.#model;
      if (model === undefined || asked !== this.#asked) return;
      if (this.#hasResult) return;
      if (this.#task.name !== 'swap') {
        showModel(this.#outcome, model.facts);
        return;
      }
      const looked = await this.#look(model);
      if (asked !== this.#asked) return;
      if (looked.result !== undefined) showFound(this.#outcome, looked.result, model.facts);
      else this.#complain(looked.problem, false);
    });
    return this.#looking;
  }

  async #look(model: ModelHandle): Promise<{ result: RunResult } | { result?: undefined; problem: Problem }> {
    try {
      // Without samples, options of calibration mean nothing.
      const known = new Set(
        (await this.#client.options('inspect')).filter(({ group }) => group === 'Norm').map(({ name }) => name),
      );
      const all = Object.entries(this.#forms.get(this.#task)?.options ?? {});
      const options = Object.fromEntries(all.filter(([name]) => known.has(name)));
      const result = await model.run('inspect', options);
      return result.problem === undefined ? { result } : { problem: result.problem };
    } catch (error) {
      return { problem: problemOf(error) };
    }
  }

  async #start(): Promise<void> {
    const model = this.#model;
    const form = this.#forms.get(this.#task);
    if (model === undefined || form === undefined || this.#running !== undefined) return;
    clearTimeout(this.#timer);
    this.#asked++;
    this.#say('');
    this.#hasResult = false;
    form.mark(undefined);
    const task = this.#task;
    const { options, files } = form;
    const cancel = new AbortController();
    const finish = new AbortController();
    const choices = byId('choices', HTMLFieldSetElement);
    this.#running = cancel;
    choices.disabled = true;
    byId('actions', HTMLElement).hidden = true;
    const onProgress = showRunning(
      this.#outcome,
      task,
      { cancel: () => cancel.abort(), finish: task.name === 'finetune' ? () => finish.abort() : undefined },
      (text) => this.#tell(text),
    );
    try {
      const talk = { signal: cancel.signal, finish: finish.signal, onProgress };
      await this.#looking;
      const result = await model.run(task.name, options, files, talk);
      this.#done();
      if (result.problem === undefined) this.#show(task, result, model.facts.name);
      else this.#complain(result.problem, true);
    } catch (error) {
      this.#done();
      if (cancel.signal.aborted) await this.#cancelled();
      else this.#complain(problemOf(error), true);
    }
  }

  #done(): void {
    this.#running = undefined;
    byId('choices', HTMLFieldSetElement).disabled = false;
    byId('actions', HTMLElement).hidden = false;
    this.#say('');
  }

  async #cancelled(): Promise<void> {
    this.#tell('Cancelled');
    this.#run.focus();
    await this.#find();
  }

  #show(task: Task, result: RunResult, model: string): void {
    this.#hasResult = true;
    this.#tell(result.verdict.map(({ text }) => text).join('. '));
    showResult(this.#outcome, task, result, model, {
      download,
      train: (name, blob) => void this.#train(new File([blob], name)),
      report: () => this.#client.report(result),
      onError: (error) => this.#say(sentence(problemOf(error).message), true),
    });
  }

  /** Goes on with what came of a run: the new model, beside the same files of weights. */
  async #train(model: File): Promise<void> {
    const task = TASKS.find(({ name }) => name === 'finetune') as Task;
    byId(`choose-${task.name}`, HTMLInputElement).checked = true;
    this.#task = task;
    await this.#open(model, this.#given?.external ?? []);
  }

  /** @param isRun whether it came of a run, which the focus follows */
  #complain(problem: Problem, isRun: boolean): void {
    const field = this.#forms.get(this.#task)?.mark(problem);
    const before = document.activeElement;
    const toField = field && { label: labelOf(field.name), go: () => field.focus() };
    showProblem(this.#outcome, problem, toField);
    if (!isRun && before instanceof HTMLElement) before.focus();
  }

  /** Says something that stands above all else until the next step; nothing takes it away. */
  #say(text: string, isError = false): void {
    this.#notice.hidden = text === '';
    this.#notice.classList.toggle('bad', isError);
    this.#notice.replaceChildren(...withOptions(text));
  }

  /** Says something to a screen reader alone. */
  #tell(text: string): void {
    byId('status', HTMLElement).textContent = plainInPage(text);
  }
}
