/**
 * Words of the command line → words of the page. What goes wrong, and what to do, is told in options and commands; the page has a field for
 * most of them, and names it by its label.
 *
 * 1. `--groups 4` is *Groups* 4, and `--calibrate DIR` is *Calibration data*: files have no names here.
 * 2. `gn-swap model.onnx --groups 4` is *Swap* › *Groups* 4.
 * 3. What the page has no field for stays as it is, as code: it is of the command line alone.
 * 4. `docs/data.md` is a link.
 */
import { LEFT_OUT, labelOf, TASKS } from './tasks.ts';

/** A part of a text: words, the name of a field or a task, code, or the name of a page of the documentation. */
export interface Part {
  readonly kind: 'text' | 'field' | 'code' | 'page';
  readonly text: string;
}

/** What the page says in words of its own. */
export const OWN_WORDS: readonly (readonly [said: string, instead: string])[] = [
  [', or the answers of --teacher', ''],
  ['pictures go to --calibrate or --data', 'drop pictures when a model is open'],
  ['Use --data DIR; docs/data.md shows the layouts', 'Choose a folder under --data; docs/data.md shows the layouts'],
];

/** Files that have a place of their own in the page, by the option that takes them. */
const PICKED: ReadonlyMap<string, string> = new Map(
  TASKS.flatMap(({ pickers }) => pickers.map(({ takes, title }) => [takes, title] as const)),
);

/** Options of npm, and of commands that the page does not have. */
export const OF_OTHERS: ReadonlySet<string> = new Set([
  ...['help', 'version', 'save-dev', 'ignore-scripts', 'finetune', 'rows', 'batches', 'seeds', 'runs'],
  ...['wrt', 'optimizer-options', 'flat', 'batch-size', 'loss-size'],
]);

/** Names of the tasks, by the command that does the same. */
const COMMANDS: ReadonlyMap<string, string> = new Map(TASKS.map(({ name, label }) => [name, label]));

/** One option and, of a file, the word that stands for it. */
const OPTION = /--([a-z]+(?:-[a-z]+)*)/;
/** A word of a shell: it may be quoted. */
const WORD = String.raw`(?:\$?'[^']*'|[^\s'-][^\s']*)`;
const COMMAND = new RegExp(`gn-swap (?:(check|finetune) )?${WORD}((?: --[a-z-]+(?: ${WORD})?)+)`);
/** Of a command that the page does not have, as far as it goes. */
const FOREIGN =
  /(?:gn-swap (?:compare|inspect|moments|gradient)|np[mx] (?:install|i) -g)(?: (?:[A-Z]{3,}|\S+\.onnx|gn-swap|onnxruntime-\w+|--[a-z-]+(?: [A-Z]{3,}| folded| all)?))*/;
const FILE = String.raw`(?: [A-Z]{3,}(?:[./][^\s,;:)]*[A-Za-z/*])?)?`;
const PAGE = /docs\/[\w/-]+\.md(?:#[\w-]+)?/;
const ANY = new RegExp(`(${FOREIGN.source})|(${COMMAND.source})|(${OPTION.source}${FILE})|(${PAGE.source})`, 'g');
/** Between two options, a value of the first. */
const VALUE = /^ (?:folded|all|group|layer) $/;

/** Whether the page has a field, or a place for files, for an option. */
export function hasField(option: string): boolean {
  return PICKED.has(option) || !(LEFT_OUT.has(option) || OF_OTHERS.has(option));
}

/** Splits a text into parts, in words of the page. */
export function inPage(text: string): Part[] {
  const own = OWN_WORDS.reduce((all, [said, instead]) => all.replaceAll(said, instead), text);
  const parts: Part[] = [];
  let end = 0;
  for (const match of own.matchAll(ANY)) {
    const [all, foreign, command, task, options, option, name = '', page] = match;
    const between = own.slice(end, match.index);
    parts.push({ kind: 'text', text: VALUE.test(between) ? `${between.trimEnd()}, ` : between });
    end = match.index + all.length;
    if (foreign !== undefined) parts.push({ kind: 'code', text: foreign });
    else if (command !== undefined) parts.push(...commandParts(command, task ?? 'swap', options ?? ''));
    else if (option !== undefined) parts.push(...optionParts(option, name));
    else parts.push({ kind: 'page', text: page ?? '' });
  }
  parts.push({ kind: 'text', text: own.slice(end) });
  return parts.filter((part) => part.text !== '');
}

/** The same as one text, for a screen reader. */
export function plainInPage(text: string): string {
  return inPage(text)
    .map((part) => part.text)
    .join('');
}

function optionParts(all: string, name: string): Part[] {
  const title = PICKED.get(name);
  if (title !== undefined) return [{ kind: 'field', text: title }];
  const option = `--${name}`;
  const rest: Part = { kind: 'text', text: all.slice(option.length) };
  return [hasField(name) ? { kind: 'field', text: labelOf(name) } : { kind: 'code', text: option }, rest];
}

/** A command as the way through the page, if the page can go all of it. */
function commandParts(all: string, task: string, options: string): Part[] {
  const words = options.split(/ (?=--)/).filter((word) => word !== '');
  const names = words.map((word) => OPTION.exec(word)?.[1] ?? '');
  if (!names.every(hasField)) return [{ kind: 'code', text: all }];
  const parts: Part[] = [{ kind: 'field', text: COMMANDS.get(task) ?? task }];
  for (const [index, word] of words.entries()) {
    parts.push({ kind: 'text', text: index === 0 ? ' › ' : ', ' }, ...optionParts(word, names[index] ?? ''));
  }
  return parts;
}
