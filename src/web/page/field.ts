/** An option as a field of a form: label, control, what it does. */
import type { OptionFacts } from '../messages.ts';
import { el, sentence, withOptions } from './dom.ts';
import { CHOICES_LEFT_OUT, labelOf } from './tasks.ts';

/** A field in the page. */
export interface Field {
  readonly name: string;
  readonly element: HTMLElement;
  /** As the command line would be given it; undefined if it is left at its default. */
  readonly value: string | number | boolean | readonly string[] | undefined;
  /** Shows what is wrong with it; undefined takes that away. */
  complain(problem: string | undefined): void;
  focus(): void;
}

/** @param prefix of ids, as one option may stand in several forms */
export function fieldOf(option: OptionFacts, prefix: string): Field {
  const id = `${prefix}-${option.name}`;
  const control = controlOf(option, id);
  const hint = el('p', { class: 'hint', id: `${id}-hint` });
  const error = el('p', { class: 'wrong', id: `${id}-error`, hidden: true });
  const explain = () => {
    const note = option.notes?.[control.value];
    hint.replaceChildren(...withOptions(sentence(note ?? option.describe)));
  };
  explain();
  control.addEventListener('change', explain);
  const label = el('label', { for: id, class: 'label' }, labelOf(option.name));
  const isBox = option.type === 'boolean';
  const row = isBox ? [control, label] : [label, control];
  const complain = (problem: string | undefined) => {
    error.hidden = problem === undefined;
    error.replaceChildren(...withOptions(problem ?? ''));
    if (problem === undefined) control.removeAttribute('aria-invalid');
    else control.setAttribute('aria-invalid', 'true');
  };
  control.addEventListener('input', () => complain(undefined));
  return {
    name: option.name,
    element: el('div', { class: 'field' }, el('div', { class: isBox ? 'box' : 'row' }, ...row), error, hint),
    get value() {
      return readControl(option, control);
    },
    complain,
    focus: () => {
      // It may stand among the options that are folded away.
      control.closest('details')?.setAttribute('open', '');
      control.focus();
    },
  };
}

type Control = HTMLInputElement | HTMLSelectElement;

function controlOf({ type, choices, default: own, isList }: OptionFacts, id: string): Control {
  const common = { id, 'aria-describedby': `${id}-error ${id}-hint` };
  if (type === 'boolean') return el('input', { ...common, type: 'checkbox' });
  if (choices === undefined) {
    const isNumber = type === 'number' && !isList;
    return el('input', {
      ...common,
      type: isNumber ? 'number' : 'text',
      step: isNumber && 'any',
      placeholder: own,
      autocomplete: 'off',
      spellcheck: 'false',
    });
  }
  const none = own === undefined ? [el('option', { value: '' }, 'not set')] : [];
  return el(
    'select',
    common,
    ...none,
    ...choices
      .filter((choice) => !CHOICES_LEFT_OUT.has(choice))
      .map((choice) => el('option', { value: choice, selected: choice === own }, choice)),
  );
}

function readControl({ type, default: own, isList }: OptionFacts, control: Control): Field['value'] {
  if (control instanceof HTMLInputElement && control.type === 'checkbox') return control.checked || undefined;
  const text = control.value.trim();
  if (text === '' || text === String(own ?? '')) return undefined;
  // A regular expression may hold a comma, but seldom a space.
  if (isList) return text.split(/\s+/);
  return type === 'number' ? Number(text) : text;
}
