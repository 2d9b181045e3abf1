/** The command line: arguments → a command → an exit status. */
import { constants } from 'node:os';
import yargs, { type Argv } from 'yargs';
import { GnSwapError } from '../errors.ts';
import { optionsOf } from '../options.ts';
import { VERSION } from '../version.ts';
import { callOptions, modelsAndMoments, type RawArguments } from './arguments.ts';
import { COMMANDS } from './commands/index.ts';
import type { Command } from './commands/types.ts';
import { complain } from './complain.ts';
import { discardAll } from './disk.ts';

const WIDEST = 110;
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the command line.
 *
 * @param argv without the interpreter and the script
 * @returns the exit status: 0 done and verified, 1 a check failed, 2 unusable arguments or input
 */
export async function main(argv: readonly string[]): Promise<number> {
  let status = 0;
  const parser = yargs([...argv])
    .scriptName('gn-swap')
    .parserConfiguration({ 'boolean-negation': false, 'camel-case-expansion': false, 'greedy-arrays': false })
    .version(VERSION)
    .help()
    .strict()
    .exitProcess(false)
    .wrap(Math.min(WIDEST, process.stdout.columns ?? WIDEST))
    .epilogue('Exit status: 0 done and verified; 1 a check failed; 2 unusable arguments or input.')
    .fail((message: string | null, error) => {
      // No message: an error of a command, not of the parser.
      if (message === null || message === undefined) throw error;
      throw new GnSwapError('invalid-arguments', message.replace(/\s+/g, ' '), { remedy: 'See gn-swap --help' });
    });
  for (const command of COMMANDS) {
    parser.command(
      command.usage,
      command.summary,
      (builder) => declare(builder, command),
      async (raw: RawArguments) => {
        status = await runCommand(command, raw);
      },
    );
  }
  try {
    await parser.parseAsync();
  } catch (error) {
    complain(error, argv.includes('--verbose'));
    return 2;
  }
  return status;
}

function declare(builder: Argv, { name, usage, takesModels }: Command): Argv {
  if (takesModels) builder.positional('models', { type: 'string', array: true, describe: 'ONNX files' });
  for (const [option, { commands: _, ...spec }] of optionsOf(name))
    builder.option(option, { ...spec, requiresArg: spec.type !== 'boolean' });
  if (usage.startsWith('$0')) {
    builder.example('$0 model.onnx', 'write model.gn.onnx, verified');
    builder.example('$0 model.onnx --calibrate photos/', 'the same, solved from pictures, which keeps most');
    builder.example('$0 model.onnx --groups 8 --no-verify', '8 groups a site, only rewritten');
  }
  return builder;
}

async function runCommand(command: Command, raw: RawArguments): Promise<number> {
  const call = callOptions(raw);
  const { models } = modelsAndMoments(raw);
  if (models.length === 0 && command.takesModels) {
    // Not by yargs: it would complain of this before it complains of a misspelt option.
    throw new GnSwapError('invalid-arguments', 'no model is given', {
      remedy: 'Give the path of an .onnx file; see gn-swap --help',
    });
  }
  const { processUi } = await import('./ui.ts');
  const ui = processUi(call);
  const release = onSignals();
  try {
    return await command.run(models, call, ui);
  } finally {
    release();
    ui.close();
  }
}

/** Ctrl-C and its like leave nothing half-written behind. */
function onSignals(): () => void {
  const stop = (signal: NodeJS.Signals) => {
    discardAll();
    process.stderr.write('\ngn-swap: interrupted; what was not finished is removed.\n');
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ENDING) process.once(signal, stop);
  return () => {
    for (const signal of ENDING) process.off(signal, stop);
  };
}
