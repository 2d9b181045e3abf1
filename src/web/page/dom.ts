/** Makes elements. Strings become text nodes, never HTML: names of a model or a file cannot become markup. */
import { inPage } from './wording.ts';

type Child = Node | string;

/** Attributes by name; `true` sets one without a value, `false` and `undefined` leave it out. */
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Makes an element with attributes and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

/** Makes a button that does something. */
export function button(label: string, className: string, act: () => void): HTMLButtonElement {
  const made = el('button', { type: 'button', class: className }, label);
  made.addEventListener('click', act);
  return made;
}

/**
 * Finds an element of index.html.
 *
 * @throws Error if it is not there, or is another element: the page was put together wrong
 */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`index.html has no ${type.name} "${id}"`);
}

/** Moves the focus to what is not reached by Tab, such as a heading, so that a reader goes on there. */
export function focusOn(target: HTMLElement): void {
  target.tabIndex = -1;
  target.focus();
}

/** Writes a number of bytes as people do: `579 kB`. */
export function bytesText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const step = bytes === 0 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${units[step]}`;
}

/** `1 file`, `2 files`. */
export function countText(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

/** Makes a text in words of the page, with its fields in bold, and its code not broken over lines. */
export function withOptions(text: string): (string | HTMLElement)[] {
  return inPage(text).map(({ kind, text: own }) => {
    if (kind === 'text') return own;
    if (kind === 'page') return pageLink(own);
    return el(kind === 'field' ? 'b' : 'code', {}, own);
  });
}

/** Links a page of the documentation, beside the one that Help leads to. What came of a run is not left for it. */
function pageLink(page: string): HTMLElement {
  const help = document.querySelector<HTMLAnchorElement>('header nav a');
  const href = new URL(page.replace(/^docs\//, ''), help?.href ?? location.href).href;
  return el('a', { href, target: '_blank', rel: 'noopener' }, page);
}

/** Makes a sentence: a capital at its beginning, a full stop at its end. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;
}
