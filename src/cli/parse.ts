/**
 * What was typed → a command and its arguments, or a text to print. Node's `parseArgs` splits the words; the table of options
 * says what they mean.
 *
 * yargs and commander were measured against it: see docs/decisions.md.
 */
import { parseArgs } from 'node:util';
import { checkChoice } from '../call/raw.ts';
import type { RawArguments } from '../call/values.ts';
import { GnSwapError, type NextStep } from '../errors.ts';
import { type CommandName, OPTIONS, type OptionSpec, optionsOf } from '../options/index.ts';
import { nearest } from '../options/nearest.ts';
import { SYNONYMS } from '../options/synonyms.ts';
import { VERSION } from '../version.ts';
import { ABOUT, aboutOf } from './commands/about.ts';
import { COMPLETE, completionsOf, SCRIPT } from './completion.ts';
import { helpOf, helpOfCompletion } from './help.ts';

/** A command, and its arguments by the names in the table of options; names of files are `models`. */
export interface Typed {
  readonly command: CommandName;
  readonly raw: RawArguments;
}

/** A text that was asked for: the help, the version, a script. */
export interface Asked {
  readonly text: string;
}

/** What {@link parse} is told of its surroundings. */
export interface Surroundings {
  /** Whether something is at a path. */
  readonly isThere?: (path: string) => boolean;
  /** What a path may have been meant for. */
  readonly nearPath?: (path: string) => string | undefined;
  /** Columns of the terminal. */
  readonly columns?: number | undefined;
}

/**
 * @param argv without the interpreter and the script
 * @throws GnSwapError `invalid-arguments`
 */
export function parse(
  argv: readonly string[],
  { isThere = () => true, nearPath, columns }: Surroundings = {},
): Typed | Asked {
  if (argv[0] === COMPLETE)
    return {
      text: completionsOf(argv.slice(1))
        .map((line) => `${line}\n`)
        .join(''),
    };
  const words = wordsOf(argv);
  const first = words.find(({ kind }) => kind === 'positional' || kind === 'option-terminator');
  const word = first?.kind === 'positional' ? first.value : undefined;
  const named = ABOUT.find(({ name }) => name === word)?.name;
  const rest = named === undefined && word !== 'help' ? words : words.filter((it) => it !== first);
  const asks = (long: string, short: string) =>
    words.some((it) => it.kind === 'option' && (it.name === long || it.name === short));
  if (asks('version', 'V')) return { text: `${VERSION}\n` };
  if (word === 'help') return { text: helpAskedFor(rest, columns) };
  if (word === 'completion') return { text: asks('help', 'h') ? helpOfCompletion(columns) : SCRIPT };
  if (asks('help', 'h')) return { text: helpOf(named ?? ABOUT[0].name, columns) };
  const command = named ?? ABOUT[0].name;
  const raw = rawArguments(command, rest);
  if (named === undefined && word !== undefined && looksLikeCommand(word) && !isThere(word))
    throw unknownCommand(word, nearPath);
  return { command, raw };
}

type Word = ReturnType<typeof wordsOf>[number];
type OptionWord = Extract<Word, { kind: 'option' }>;

/** Options of all commands, as an option may stand before a command's name. */
function wordsOf(given: readonly string[]) {
  const argv = withNumbers(given);
  const specs: [string, OptionSpec][] = Object.entries(OPTIONS);
  const options = Object.fromEntries([
    ...specs.map(([name, { type, alias }]) => {
      const parsed: { type: 'boolean' | 'string'; short?: string } = { type: type === 'boolean' ? type : 'string' };
      return [name, alias === undefined ? parsed : { ...parsed, short: alias }] as const;
    }),
    ['help', { type: 'boolean', short: 'h' }] as const,
    ['version', { type: 'boolean', short: 'V' }] as const,
  ]);
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** Gives its number to each option that may stand alone and does, so that the word behind it is not taken for one. */
function withNumbers(argv: readonly string[]): string[] {
  const specs: ReadonlyMap<string, OptionSpec> = new Map(Object.entries(OPTIONS));
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    const alone = word.startsWith('--') && (end < 0 || index < end) ? specs.get(word.slice(2))?.alone : undefined;
    const next = argv[index + 1] ?? '';
    return alone === undefined || /^-?[\d.]/.test(next) ? word : `${word}=${alone}`;
  });
}

function helpAskedFor(words: readonly Word[], columns: number | undefined): string {
  const asked = words.find(({ kind }) => kind === 'positional');
  if (asked?.kind !== 'positional' || asked.value === 'help') return helpOf(ABOUT[0].name, columns);
  if (asked.value === 'completion') return helpOfCompletion(columns);
  const found = ABOUT.find(({ name }) => name === asked.value);
  if (found === undefined) throw unknownCommand(asked.value);
  return helpOf(found.name, columns);
}

/** Whether a word is more likely to be a mistyped command than a file's name. */
function looksLikeCommand(word: string): boolean {
  return /^[a-z]+(-[a-z]+)*$/i.test(word);
}

function unknownCommand(word: string, nearPath?: Surroundings['nearPath']): GnSwapError {
  const names = [...ABOUT.map(({ name }) => name), 'help', 'completion'];
  const unknown = (remedy: string, next?: NextStep) =>
    new GnSwapError('invalid-arguments', `${JSON.stringify(word)} is neither a command nor a file`, {
      remedy,
      ...(next && { next }),
    });
  const meant = nearest(word.toLowerCase(), names);
  if (meant !== undefined) return unknown(`Did you mean gn-swap ${meant}?`, { replace: { [word]: meant } });
  const file = nearPath?.(word);
  if (file !== undefined) return unknown(`There is ${file}`, { paths: { [word]: file } });
  return unknown(`The commands are ${names.join(', ')}`);
}

/** Takes what the command knows; numbers are numbers, and what may be given several times is a list. */
function rawArguments(command: CommandName, words: readonly Word[]): RawArguments {
  const known = new Map<string, OptionSpec>(optionsOf(command));
  const models = words.flatMap((it) => (it.kind === 'positional' ? [it.value] : []));
  const raw: Record<string, unknown> = { models };
  for (const [name, spec] of known) if (spec.default !== undefined) raw[name] = spec.default;
  const given = new Map<string, string[]>();
  for (const word of words) {
    if (word.kind !== 'option') continue;
    const spec = known.get(word.name);
    if (spec === undefined) throw unknownOption(command, word);
    given.set(word.name, [...(given.get(word.name) ?? []), textOf(command, word, spec)]);
  }
  for (const [name, texts] of given) {
    const spec = known.get(name) as OptionSpec;
    // An empty text is not 0.
    const values = spec.type === 'number' ? texts.map((text) => (text === '' ? text : Number(text))) : texts;
    raw[name] = spec.type === 'boolean' ? true : spec.array || values.length > 1 ? values : values[0];
  }
  if (!aboutOf(command).takesModels && models.length > 0) {
    throw new GnSwapError('invalid-arguments', `gn-swap ${command} takes no files, but got ${models.join(', ')}`, {
      remedy: `Run gn-swap ${command}`,
    });
  }
  return raw;
}

function textOf(command: CommandName, { name, rawName, value, inlineValue }: OptionWord, spec: OptionSpec): string {
  const wrong = (what: string, remedy: string, next: NextStep) =>
    new GnSwapError('invalid-arguments', `${rawName} ${what}`, { remedy, next });
  if (spec.type === 'boolean') {
    if (value === undefined) return '';
    throw wrong(`takes no value, but got ${JSON.stringify(value)}`, `Use ${rawName} alone, or drop it`, {
      set: { [name]: '' },
    });
  }
  if (value === undefined || (inlineValue !== true && isOption(value))) {
    const choices = spec.choices === undefined ? '' : `: one of ${spec.choices.join(', ')}`;
    throw wrong('needs a value', `Use ${rawName} VALUE${choices}; see ${helpFor(command)}`, {
      set: { [name]: spec.choices?.[0] ?? 'VALUE' },
    });
  }
  checkChoice(rawName, name, value, spec);
  return value;
}

/** Whether a word is an option, and so was not meant as the value of the one before it. */
function isOption(word: string): boolean {
  const [name = ''] = word.replace(/^--/, '').split('=');
  return word.startsWith('--') && (name in OPTIONS || name === 'help' || name === 'version');
}

function unknownOption(command: CommandName, { name, rawName }: OptionWord): GnSwapError {
  const specs: ReadonlyMap<string, OptionSpec> = new Map(Object.entries(OPTIONS));
  const elsewhere = specs.get(name);
  if (elsewhere !== undefined) {
    const owners = elsewhere.commands.map((owner) => (owner === 'swap' ? 'gn-swap <models..>' : `gn-swap ${owner}`));
    const own = command === ABOUT[0].name ? 'gn-swap <models..>' : `gn-swap ${command}`;
    const message = `${rawName} is not an option of ${own}; it belongs to ${listed(owners)}`;
    return new GnSwapError('invalid-arguments', message, { remedy: `See ${helpFor(command)}`, next: { drop: [name] } });
  }
  const names = [...optionsOf(command).map(([option]) => option), 'help', 'version'];
  const synonym = SYNONYMS[name];
  const own = synonym !== undefined && names.includes(synonym) ? synonym : nearest(name, names);
  const meant = own ?? nearest(name, specs.keys());
  const question = meant === undefined || name.length < 2 ? '' : `Did you mean --${meant}? `;
  return new GnSwapError('invalid-arguments', `unknown option ${rawName}`, {
    remedy: `${question}See ${helpFor(command)}`,
    next: question === '' ? { drop: [name] } : { replace: { [rawName]: `--${meant}` } },
  });
}

function helpFor(command: CommandName): string {
  return `gn-swap ${command === ABOUT[0].name ? '' : `${command} `}--help`;
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
