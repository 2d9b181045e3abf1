/** The help of the command line, made from the table of options and from what is said of each command. */
import { type CommandName, GROUPS, type OptionGroup, type OptionSpec, optionsOf } from '../options/index.ts';
import { ABOUT, aboutOf } from './commands/about.ts';

const [WIDEST, NARROWEST] = [110, 60] as const;

/** Columns that names take at most; what describes a longer one begins on the next line. */
const NAMES = 30;

const GENERAL: readonly (readonly [string, string])[] = [
  ['-h, --help', 'show this help'],
  ['-V, --version', 'show the version'],
];

const COMPLETION = 'print a script that completes commands and options in bash and zsh';

/** Headings of a command that the options of others are for as well: what it is about comes first. */
const HEADINGS: Readonly<Partial<Record<CommandName, readonly (readonly [OptionGroup, string])[]>>> = {
  finetune: [
    ['Training', 'Training'],
    ['Calibration', 'Pictures'],
    ['Verification', 'Task and resources'],
    ['Norm', 'Batch renormalization'],
    ['Output', 'Output'],
    ['Reporting', 'Reporting'],
  ],
  gradient: [
    ['Training', 'Training'],
    ['Calibration', 'Sizes'],
    ['Norm', 'Batch renormalization'],
    ['Output', 'Output'],
    ['Verification', 'Verification'],
    ['Reporting', 'Reporting'],
  ],
};

const STATUS = 'Exit status: 0 done and verified; 1 a check failed; 2 unusable arguments or input.';

/**
 * Words the help of a command: how it is called, what it does, its options by group, and examples.
 *
 * @param columns of the terminal; `undefined` if the output is not one
 */
export function helpOf(name: CommandName, columns?: number): string {
  const width = widthFor(columns);
  const about = aboutOf(name);
  const isMain = about === ABOUT[0];
  const usage = [`Usage: gn-swap ${about.usage}`, ...(isMain ? ['       gn-swap <command> [options]'] : [])];
  const parts = [usage.join('\n'), wrapped(sentence(about.summary), 0, width)];
  if (isMain) {
    const commands = ABOUT.slice(1).map(({ name: command, summary }) => [command, summary] as const);
    const others = [
      ['help <command>', 'show the help of a command'],
      ['completion', COMPLETION],
    ] as const;
    parts.push(section('Commands', [...commands, ...others], width));
  }
  const options = optionsOf(name);
  for (const [group, heading] of HEADINGS[name] ?? GROUPS.map((it) => [it, it] as const)) {
    const own = options.filter(([, spec]) => spec.group === group);
    if (own.length === 0) continue;
    parts.push(
      section(
        heading,
        own.map(([option, spec]) => [spelled(option, spec), described(spec)] as const),
        width,
      ),
    );
  }
  parts.push(section('General', GENERAL, width), examples(about.examples));
  if (isMain) parts.push('More: gn-swap help <command>');
  return `${[...parts, STATUS].join('\n\n')}\n`;
}

/** Words the help of `gn-swap completion`, which takes nothing. */
export function helpOfCompletion(columns?: number): string {
  const width = widthFor(columns);
  const lines: [string, string][] = [
    ['source <(gn-swap completion)', 'for this shell; put it into ~/.bashrc or ~/.zshrc'],
  ];
  const parts = ['Usage: gn-swap completion', wrapped(sentence(COMPLETION), 0, width)];
  return `${[...parts, section('General', GENERAL, width), examples(lines)].join('\n\n')}\n`;
}

/** Characters of a line. */
function widthFor(columns: number = WIDEST): number {
  return Math.max(NARROWEST, Math.min(WIDEST, columns));
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}

function spelled(name: string, { type, alias, alone }: OptionSpec): string {
  const value = { string: ' <value>', number: alone === undefined ? ' <number>' : ' [number]', boolean: '' }[type];
  return `${alias === undefined ? '' : `-${alias}, `}--${name}${value}`;
}

function described({ describe, choices, default: fallback }: OptionSpec): string {
  const one = choices === undefined ? '' : ` (one of ${choices.join(', ')})`;
  return `${describe}${one}${fallback === undefined ? '' : ` (default: ${JSON.stringify(fallback)})`}`;
}

function section(title: string, rows: readonly (readonly [string, string])[], width: number): string {
  const lines = rows.map(([name, text]) => {
    const start = `  ${name}`;
    const body = wrapped(text, NAMES, width);
    return start.length < NAMES - 1 ? `${start.padEnd(NAMES)}${body.slice(NAMES)}` : `${start}\n${body}`;
  });
  return [`${title}:`, ...lines].join('\n');
}

function examples(list: readonly (readonly [string, string])[]): string {
  return ['Examples:', ...list.flatMap(([line, what]) => [`  ${line}`, `      ${what}`])].join('\n');
}

/** A text in lines of at most `width` characters, each indented. */
function wrapped(text: string, indent: number, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((it) => `${' '.repeat(indent)}${it}`).join('\n');
}
