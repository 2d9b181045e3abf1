/** The form of a task, made from the options of the command line. */
import type { NamedFile, OptionFacts, Options, Problem, TaskFiles } from '../messages.ts';
import { el, sentence } from './dom.ts';
import { type Field, fieldOf } from './field.ts';
import { havePictures, modelAmong } from './files.ts';
import { type Picker, picker } from './picker.ts';
import { LEFT_OUT, READING, type Task } from './tasks.ts';

/** A form in the page. */
export interface TaskForm {
  readonly element: HTMLElement;
  readonly options: Options;
  readonly files: TaskFiles;
  /** Takes files that were dropped beside its pickers: the first picker is for them. */
  take(files: readonly NamedFile[]): void;
  /** Marks the field that a problem is about, and says where it is; undefined if it is about none. */
  mark(problem: Problem | undefined): Field | undefined;
}

/** @param onChange called when an option or a file changed */
export function taskForm(task: Task, options: readonly OptionFacts[], onChange: () => void): TaskForm {
  const shown = options.filter(({ name }) => !LEFT_OUT.has(name));
  const fields = new Map(shown.map((option) => [option.name, fieldOf(option, task.name)]));
  const pickers = task.pickers.map((spec) => ({
    takes: spec.takes,
    own: picker({ ...spec, id: `${task.name}-${spec.id}` }, () => {
      showReading();
      onChange();
    }),
  }));
  const elementsOf = (names: readonly string[]) => names.flatMap((name) => fields.get(name)?.element ?? []);
  const reading = el(
    'div',
    { class: 'reading', hidden: true },
    el('h3', {}, 'How pictures are read'),
    ...elementsOf(READING.main),
    el('details', { class: 'more' }, el('summary', {}, 'More: pictures'), ...elementsOf(READING.more)),
  );
  const showReading = () => {
    reading.hidden = !task.readsPictures || !havePictures(pickers[0]?.own.files ?? []);
  };
  const placed = new Set<string>([...task.main, ...(task.readsPictures ? [...READING.main, ...READING.more] : [])]);
  const rest = shown.filter(({ name }) => !placed.has(name));
  const groups = [...new Set(rest.map(({ group }) => group))].map((group) => {
    const own = rest.filter((option) => option.group === group).map(({ name }) => name);
    return el('details', { class: 'more' }, el('summary', {}, `More: ${group.toLowerCase()}`), ...elementsOf(own));
  });
  const element = el(
    'div',
    { class: 'task', id: `task-${task.name}` },
    el('p', { class: 'intro' }, task.intro),
    ...pickers.map(({ own }) => own.element),
    reading,
    ...elementsOf(task.main),
    ...groups,
  );
  element.addEventListener('change', (event) => {
    if (!(event.target instanceof HTMLInputElement && event.target.type === 'file')) onChange();
  });
  return {
    element,
    get options() {
      return optionsIn(fields);
    },
    get files() {
      return filesIn(pickers);
    },
    take: (files) => pickers[0]?.own.take(files),
    mark: (problem) => mark(fields, problem),
  };
}

function optionsIn(fields: ReadonlyMap<string, Field>): Options {
  const given: [string, string | number | boolean | readonly string[]][] = [];
  for (const { name, element, value } of fields.values()) {
    // What is not seen is not asked for: how pictures are read means nothing without pictures.
    if (value !== undefined && element.closest('[hidden]') === null) given.push([name, value]);
  }
  return Object.fromEntries(given);
}

function filesIn(pickers: readonly { readonly takes: keyof TaskFiles; readonly own: Picker }[]): TaskFiles {
  const filesOf = (name: keyof TaskFiles) => {
    const files = pickers.find(({ takes }) => takes === name)?.own.files ?? [];
    return files.length === 0 ? undefined : files;
  };
  const against = modelAmong(filesOf('against') ?? []);
  return {
    calibrate: filesOf('calibrate'),
    data: filesOf('data'),
    inputs: filesOf('inputs')?.[0]?.file,
    against: against && { file: against.model, external: against.external },
  };
}

/** An option as a problem names it: as its node, or at the beginning of what it says. */
function mark(fields: ReadonlyMap<string, Field>, problem: Problem | undefined): Field | undefined {
  for (const field of fields.values()) field.complain(undefined);
  if (problem === undefined) return undefined;
  const [, name = ''] = /^--([a-z-]+)/.exec(problem.node ?? problem.message) ?? [];
  const field = fields.get(name);
  field?.complain(
    [problem.message, problem.remedy ?? '']
      .filter((part) => part !== '')
      .map(sentence)
      .join(' '),
  );
  return field;
}
