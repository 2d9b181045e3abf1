/** What to type next: the command line that failed, changed so that it works. */
import type { NextStep } from '../errors.ts';
import { OPTIONS, type OptionSpec } from '../options/index.ts';
import { commandText } from '../words.ts';

const SPECS: ReadonlyMap<string, OptionSpec> = new Map(Object.entries(OPTIONS));

/**
 * Changes a command line as a remedy says, to be pasted. An option that was typed already is set in its place, not given twice.
 *
 * @param typed without the interpreter and the script
 */
export function nextCommand(
  typed: readonly string[],
  { set = {}, drop = [], replace = {}, paths = {} }: NextStep,
): string {
  const meant = (word: string) => paths[word] ?? word;
  // Behind -- are files, whatever they are called.
  const end = typed.indexOf('--');
  const [argv, files] = end < 0 ? [typed, []] : [typed.slice(0, end), typed.slice(end)];
  const words: string[] = [];
  const open = new Map(Object.entries(set));
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    const [name, inline] = nameOf(word);
    const takesNext =
      inline === undefined && takesValue(name) && argv[at + 1] !== undefined && !argv[at + 1]?.startsWith('--');
    // What stands for a folder says less than the one that was typed.
    if (name !== undefined && open.get(name) === PLACEHOLDER && !drop.includes(name)) open.delete(name);
    else if (name !== undefined && (drop.includes(name) || name in set)) {
      const value = open.get(name);
      if (value !== undefined) words.push(...spelled(name, value));
      open.delete(name);
      if (takesNext || (inline === undefined && isValueOfUnknown(name, argv[at + 1]))) at++;
      continue;
    }
    const [head = word, ...rest] = word.split('=');
    if (replace[head] === '') continue;
    if (inline === undefined)
      words.push(replace[head] === undefined ? meant(word) : [replace[head], ...rest].join('='));
    else words.push(`${replace[head] ?? head}=${meant(inline)}`);
    if (takesNext) words.push(meant(argv[++at] as string));
  }
  for (const [name, value] of open) words.push(...spelled(name, value));
  return commandText([...words, ...files.map(meant)]);
}

/** A folder of the user’s, in a remedy. */
const PLACEHOLDER = 'DIR';

/** The words of some options, as they were typed. */
export function wordsFor(argv: readonly string[], names: readonly string[]): string[] {
  return argv.flatMap((word, at) => {
    const [name, inline] = nameOf(word);
    if (name === undefined || !names.includes(name)) return [];
    return inline === undefined && takesValue(name) ? [word, argv[at + 1] ?? ''] : [word];
  });
}

/** The option that a word is, by its long name, and the value behind its equals sign. */
function nameOf(word: string): [name: string | undefined, inline: string | undefined] {
  const [, long, inline] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (long !== undefined) return [long, inline];
  const short = /^-([a-z])$/i.exec(word)?.[1];
  return [[...SPECS].find(([, { alias }]) => alias !== undefined && alias === short)?.[0] ?? short, undefined];
}

/** Whether a word behind an option that is not known was meant as its value: it is not an option, and not a model. */
function isValueOfUnknown(name: string, next: string | undefined): boolean {
  return !SPECS.has(name) && next !== undefined && !next.startsWith('-') && !next.endsWith('.onnx');
}

function takesValue(name: string | undefined): boolean {
  const spec = SPECS.get(name ?? '');
  return spec !== undefined && spec.type !== 'boolean';
}

function spelled(name: string, value: string): string[] {
  return value === '' ? [`--${name}`] : [`--${name}`, value];
}
