/** The command line: arguments → a command → an exit status. */
import { constants } from 'node:os';
import { type CallOptions, callOptions, modelsAndMoments } from '../call/arguments.ts';
import { GnSwapError } from '../errors.ts';
import type { CommandName } from '../options/index.ts';
import { irNote } from '../runtime/ir-version.ts';
import { fallbackNote } from '../runtime/ort/node.ts';
import { limitThreads } from '../runtime/threads.ts';
import { aboutOf } from './commands/about.ts';
import type { Command } from './commands/types.ts';
import { complain } from './complain.ts';
import { expandModels } from './disk/expand.ts';
import { nearPath } from './disk/near.ts';
import { isThere, requireReadable } from './disk/paths.ts';
import { interrupt } from './interrupt.ts';
import { parse, type Typed } from './parse.ts';
import { refuseStandard, standardized, writesToStdout } from './standard.ts';

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a command of that name does. */
type CommandOf = (name: CommandName) => Command;

/**
 * Runs the command line.
 *
 * @param argv without the interpreter and the script
 * @param commandOf so that what is bundled for few commands holds those alone
 * @param parsed of `argv`, if whoever calls has parsed it
 * @returns the exit status: 0 done and verified, 1 a check failed, 2 unusable arguments or input
 */
export async function main(argv: readonly string[], commandOf: CommandOf, parsed?: Typed): Promise<number> {
  try {
    const typed = parsed ?? parse(argv, { isThere, nearPath, columns: process.stdout.columns });
    if ('command' in typed) return await runCommand(typed, argv, commandOf);
    process.stdout.write(typed.text);
    return 0;
  } catch (error) {
    complain(error, argv.includes('--verbose'), argv);
    return 2;
  }
}

/** Sessions, and Node's own pool, in which pictures are decoded: its size is read when it is first wanted, which is later than this. */
function limitAll(threads: number): void {
  limitThreads(threads);
  process.env.UV_THREADPOOL_SIZE = String(threads);
}

async function runCommand(
  { command, raw: typed }: Typed,
  argv: readonly string[],
  commandOf: CommandOf,
): Promise<number> {
  const raw = standardized(typed);
  const call = callOptions(raw, argv);
  const models = expandModels(modelsAndMoments(raw).models, command === 'check', SAMPLES_BEHIND[command]);
  if (models.length === 0 && aboutOf(command).takesModels) {
    throw new GnSwapError('invalid-arguments', 'no model given', {
      remedy: `Run gn-swap ${aboutOf(command)
        .usage.replace(/<models?(\.\.)?>/, 'model.onnx')
        .replace(' [options]', '')}`,
    });
  }
  if (call.threads !== undefined) limitAll(call.threads);
  refuseStandard(command, models, call, process.stdout.isTTY === true);
  if (aboutOf(command).takesModels) await refuseUnusable(call);
  const { processUi } = await import('./ui.ts');
  const ui = processUi({ ...call, textTo: writesToStdout(command, models, call) ? process.stderr : process.stdout });
  const { discardAll } = await import('./disk/staging.ts');
  const release = onSignals(discardAll);
  try {
    return await commandOf(command).run(models, call, ui);
  } finally {
    release();
    ui.close();
    if (!call.quiet)
      for (const note of [fallbackNote(), irNote()]) if (note !== undefined) process.stderr.write(`gn-swap: ${note}\n`);
  }
}

/** The option that a folder of samples is given with. */
const SAMPLES_BEHIND: Readonly<Record<string, string>> = {
  swap: 'calibrate',
  inspect: 'calibrate',
  moments: 'calibrate',
  compare: 'calibrate',
  finetune: 'data',
};

/** An opset that every consumer reads: what is wrong with any is refused where the model is known. */
const ANY_OPSET = 13;

/** Refuses options that fit no model, and inputs that are missing, before any file is opened or written. */
async function refuseUnusable({ swap, calibrate, inputs, against, moments, finetune }: CallOptions): Promise<void> {
  const { choose } = await import('../plan/choices.ts');
  choose(swap, ANY_OPSET);
  const held = typeof finetune?.val === 'string' ? finetune.val : undefined;
  const read = [calibrate, inputs, against, ...moments, finetune?.data, held, finetune?.teacher];
  for (const file of read) if (file !== undefined) requireReadable(file);
}

/** Ctrl-C and its like leave nothing half-written behind. */
function onSignals(discardAll: () => void): () => void {
  const stop = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' && interrupt()) {
      process.once(signal, stop);
      process.stderr.write('\ngn-swap: ending after this step; press Ctrl-C again to stop at once.\n');
      return;
    }
    let left = 'unfinished files are removed';
    try {
      discardAll();
    } catch (cause) {
      left = `some unfinished files could not be removed (${cause instanceof Error ? cause.message : cause}); the next run in that folder removes them`;
    }
    process.stderr.write(`\ngn-swap: interrupted; ${left}.\n`);
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ENDING) process.once(signal, stop);
  return () => {
    for (const signal of ENDING) process.off(signal, stop);
  };
}
