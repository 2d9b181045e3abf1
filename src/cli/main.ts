/** The command line: arguments → a command → an exit status. */
import { constants } from 'node:os';
import { GnSwapError } from '../errors.ts';
import { callOptions, modelsAndMoments } from './arguments.ts';
import { complain } from './complain.ts';
import { parse, type Typed } from './parse.ts';

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs the command line.
 *
 * @param argv without the interpreter and the script
 * @returns the exit status: 0 done and verified, 1 a check failed, 2 unusable arguments or input
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const typed = parse(argv);
    return typed === undefined ? 0 : await runCommand(typed, argv);
  } catch (error) {
    complain(error, argv.includes('--verbose'));
    return 2;
  }
}

async function runCommand({ command, raw }: Typed, argv: readonly string[]): Promise<number> {
  const call = callOptions(raw, argv);
  const { models } = modelsAndMoments(raw);
  if (models.length === 0 && command.takesModels) {
    throw new GnSwapError('invalid-arguments', 'no model is given', {
      remedy: 'Give the path of an .onnx file; see gn-swap --help',
    });
  }
  const { processUi } = await import('./ui.ts');
  const ui = processUi(call);
  const { discardAll } = await import('./disk/index.ts');
  const release = onSignals(discardAll);
  try {
    return await command.run(models, call, ui);
  } finally {
    release();
    ui.close();
  }
}

/** Ctrl-C and its like leave nothing half-written behind. */
function onSignals(discardAll: () => void): () => void {
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
