/** HTML as a value: what is put into a template is escaped, unless it is markup itself. */
import { printable } from '../format.ts';

/** Text that is HTML. Only {@link html} and {@link trusted} make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Markup | string | number | readonly Markup[];

/** Templates of HTML. Strings become text, also in quoted attributes: control and bidi characters are spelled out. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    strings.map((text, index) => text + (index < parts.length ? textOf(parts[index] as Part) : '')).join(''),
  );
}

/** What is HTML already, and not from a model. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function textOf(part: Part): string {
  if (part instanceof Markup) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return printable(String(part)).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
