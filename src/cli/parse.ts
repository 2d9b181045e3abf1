/** What was typed → a command and its arguments. The table of options is src/options.ts; commander parses and words the help. */
import { CommanderError, Option, Command as Parser } from 'commander';
import { GnSwapError } from '../errors.ts';
import { type OptionSpec, optionsOf } from '../options.ts';
import { VERSION } from '../version.ts';
import type { RawArguments } from './arguments.ts';
import { COMMANDS } from './commands/index.ts';
import type { Command } from './commands/types.ts';

const WIDEST = 110;

const EPILOGUE = `
Examples:
  gn-swap model.onnx                         write model.gn.onnx, verified
  gn-swap model.onnx --calibrate photos/     the same, solved from pictures, which keeps most
  gn-swap model.onnx --groups 8 --no-verify  8 groups a site, only rewritten

Exit status: 0 done and verified; 1 a check failed; 2 unusable arguments or input.`;

/** A command, and its arguments by the names in the table of options; names of files are `models`. */
export interface Typed {
  readonly command: Command;
  readonly raw: RawArguments;
}

/**
 * @param argv without the interpreter and the script
 * @returns `undefined` where the help or the version was asked for, which is on stdout then
 * @throws GnSwapError `invalid-arguments`
 */
export function parse(argv: readonly string[]): Typed | undefined {
  let typed: Typed | undefined;
  // Gathered here, because an option of several commands may stand before or after a command's name.
  const given = new Map<string, string[]>();
  const describe = (parser: Parser, command: Command) => {
    parser.description(command.summary);
    if (command.takesModels) parser.argument('[models...]', 'ONNX files');
    for (const [name, spec] of optionsOf(command.name)) {
      parser.addOption(optionOf(name, spec));
      parser.on(`option:${name}`, (value: string | null) => given.set(name, [...(given.get(name) ?? []), value ?? '']));
    }
    parser.action(() => {
      typed = { command, raw: rawArguments(command, parser.args, given) };
    });
  };
  const program = new Parser('gn-swap')
    .version(VERSION, '--version', 'show the version')
    .helpOption('--help', 'show this help')
    .helpCommand(false)
    .configureHelp({ helpWidth: Math.min(WIDEST, process.stdout.columns ?? WIDEST) })
    // Complaints are thrown, and shown like all others.
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
  const [main, ...others] = COMMANDS;
  describe(program, main);
  program.addHelpText('after', EPILOGUE);
  for (const command of others) describe(program.command(command.name), command);
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw complaint(error.message);
  }
  return typed;
}

function complaint(message: string): GnSwapError {
  const text = message.replace(/^error: /, '').replace(/\s+/g, ' ');
  return new GnSwapError('invalid-arguments', text.replace(/\.$/, ''), { remedy: 'See gn-swap --help' });
}

function optionOf(name: string, spec: OptionSpec): Option {
  const { type, describe, alias, group, choices } = spec;
  const value = { string: ' <value>', number: ' <number>', boolean: '' }[type];
  const option = new Option(`${alias === undefined ? '' : `-${alias}, `}--${name}${value}`, describe);
  option.helpGroup(`${group}:`);
  if (choices !== undefined) option.choices(choices);
  if (spec.default !== undefined) option.default(spec.default);
  return option;
}

/** Takes from `given` what the command knows; numbers are numbers, and what may be given several times is a list. */
function rawArguments(
  { name }: Command,
  models: readonly string[],
  given: ReadonlyMap<string, string[]>,
): RawArguments {
  const raw: Record<string, unknown> = { models };
  const known = new Map(optionsOf(name).map(([option, spec]) => [option as string, spec]));
  for (const [option, spec] of known) if (spec.default !== undefined) raw[option] = spec.default;
  for (const [option, texts] of given) {
    const spec = known.get(option);
    if (spec === undefined) throw complaint(`unknown option '--${option}' of ${name}`);
    // An empty text is no zero.
    const values = spec.type === 'number' ? texts.map((text) => (text === '' ? text : Number(text))) : texts;
    raw[option] = spec.type === 'boolean' ? true : spec.array || values.length > 1 ? values : values[0];
  }
  return raw;
}
