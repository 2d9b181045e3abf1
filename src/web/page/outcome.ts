/** What stands beside the form: what a look found, how far a run is, what came of it, or what went wrong. */
import type { ModelFacts, Problem, Progress, RunResult } from '../messages.ts';
import { blockElement } from './blocks.ts';
import { button, el, focusOn, sentence, withOptions } from './dom.ts';
import { foldedElement, sectionElements, verdictElements } from './sections.ts';
import type { Task } from './tasks.ts';

/** Shows what a look at the model found. The focus stays where it is: a look follows every change of an option. */
export function showFound(place: HTMLElement, result: RunResult, facts: ModelFacts): void {
  const opened = new Map([...place.querySelectorAll('details')].map((it) => [it.id, it.open]));
  // On a phone the form is below, and must be in reach.
  const isWide = matchMedia('(min-width: 60rem)').matches;
  const isOpen = (name: string) => opened.get(`section-${name}`) ?? isWide;
  place.replaceChildren(
    el('h2', {}, 'What was found'),
    ...verdictElements(result.verdict),
    ...sectionElements(result, isOpen),
    foldedElement('model', 'The model', isOpen('model'), [factsElement(facts)]),
  );
}

/** Shows what is known of a model, for tasks that need no look at its norms. */
export function showModel(place: HTMLElement, facts: ModelFacts): void {
  place.replaceChildren(el('h2', {}, 'The model'), factsElement(facts));
}

function factsElement({ inputs, outputs, opset, irVersion, producer }: ModelFacts): HTMLElement {
  const values = (what: string, list: ModelFacts['inputs']) =>
    list.map(({ name, type, shape }): [string, string] => [what, `${name}, ${type} ${shape}`]);
  const facts: [string, string][] = [
    ...values('Input', inputs),
    ...values('Output', outputs),
    ['Opset', `${opset}, IR version ${irVersion}`],
    ['Written by', producer === '' ? 'unknown' : producer],
  ];
  return blockElement({ kind: 'facts', items: facts });
}

/** What a run can be told while it is under way. */
export interface RunControls {
  cancel(): void;
  /** Ends training, and keeps the best so far; absent for other tasks. */
  finish?: (() => void) | undefined;
}

/**
 * Shows a run that is under way, and moves the focus to its heading.
 *
 * @param say tells a screen reader
 * @returns is to be called with each progress
 */
export function showRunning(
  place: HTMLElement,
  task: Task,
  controls: RunControls,
  say: (text: string) => void,
): (progress: Progress) => void {
  const title = el('h2', {}, task.running);
  const bar = el('progress', { 'aria-label': 'Progress' });
  const step = el('span', {}, 'Starting');
  const count = el('span', { class: 'soft' });
  const cancel = button('Cancel', 'button', controls.cancel);
  const { finish } = controls;
  const stop =
    finish &&
    button('Stop and keep the best', 'button', () => {
      stop?.setAttribute('disabled', '');
      cancel.focus();
      finish();
    });
  place.replaceChildren(
    title,
    el('div', { class: 'progress' }, bar, el('div', { class: 'steps' }, step, count)),
    el('div', { class: 'buttons' }, ...(stop === undefined ? [] : [stop]), cancel),
  );
  focusOn(title);
  let latest = '';
  return ({ step: name, done, of, loss, left }) => {
    if (of > 0) {
      bar.max = of;
      bar.value = done;
    } else bar.removeAttribute('value');
    const text = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    step.textContent = text;
    const parts = [
      of > 0 ? `${done} of ${of}` : '',
      loss === undefined ? '' : `loss ${loss.toPrecision(3)}`,
      left === undefined ? '' : `${durationText(left)} left`,
    ];
    count.textContent = parts.filter((part) => part !== '').join(' · ');
    if (text !== latest) say(text);
    latest = text;
  };
}

function durationText(seconds: number): string {
  return seconds < 60 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}

/** Shows what went wrong, and moves the focus to it. */
export function showProblem(place: HTMLElement, problem: Problem, toField?: { label: string; go(): void }): void {
  const { file, node, message, remedy } = problem;
  const title = el('h2', {}, 'It did not work');
  const where = [file, node].filter((part) => part !== undefined && part !== '').join(': ');
  place.replaceChildren(
    title,
    el('p', { class: 'verdict bad' }, ...withOptions(sentence(message))),
    ...(where === '' ? [] : [el('p', { class: 'soft' }, ...withOptions(where))]),
    ...(remedy === undefined ? [] : [el('p', {}, el('b', {}, 'What to do: '), ...withOptions(sentence(remedy)))]),
    ...(toField === undefined
      ? []
      : [el('div', { class: 'buttons' }, button(`Go to ${toField.label}`, 'button', toField.go))]),
  );
  focusOn(title);
}
