/** `-` in place of a file: the model comes on stdin, or goes to stdout. */

import type { CallOptions } from '../call/arguments.ts';
import type { RawArguments } from '../call/values.ts';
import { GnSwapError } from '../errors.ts';
import type { CommandName } from '../options/index.ts';
import { ABOUT } from './commands/about.ts';

/** What is typed for stdin and stdout. A file of that name is `./-`. */
export const STANDARD = '-';

/** Systems' own names for them. They are links, which a file that is put in their place would replace. */
const STDIN_PATHS: readonly unknown[] = ['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];
const STDOUT_PATHS: readonly unknown[] = ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

/** What messages call them. */
export const STDIN = 'stdin';
export const STDOUT = 'stdout';

/** Commands that read one model, and nothing beside it. */
const READERS: readonly CommandName[] = ['swap', 'check', 'inspect', 'compare'];

/** What was typed, with {@link STANDARD} for other names of stdin and stdout. */
export function standardized(raw: RawArguments): RawArguments {
  const models = [raw.models ?? []].flat().map((file) => (STDIN_PATHS.includes(file) ? STANDARD : file));
  return { ...raw, models, ...(STDOUT_PATHS.includes(raw.output) && { output: STANDARD }) };
}

/** Returns the name of a model in messages. */
export function labelOf(file: string): string {
  return file === STANDARD ? STDIN : file;
}

/** Tells whether the rewritten model goes to stdout, so that text must go elsewhere: asked for, or the source came on stdin. */
export function writesToStdout(
  command: CommandName,
  models: readonly string[],
  { output, dryRun }: Pick<CallOptions, 'output' | 'dryRun'>,
): boolean {
  if (command !== 'swap' || dryRun) return false;
  return output === STANDARD || (output === undefined && models.includes(STANDARD));
}

/**
 * Refuses `-` where it makes no sense.
 *
 * @param isTerminal whether stdout is one
 * @throws GnSwapError `invalid-arguments`
 */
export function refuseStandard(
  command: CommandName,
  models: readonly string[],
  call: CallOptions,
  isTerminal: boolean,
): void {
  const named = command === ABOUT[0].name ? 'gn-swap' : `gn-swap ${command}`;
  const refuse = (message: string, remedy: string, drop: readonly string[] = []) => {
    throw new GnSwapError('invalid-arguments', message, { remedy, ...(drop.length > 0 && { next: { drop } }) });
  };
  const fromStdin = models.filter((file) => file === STANDARD).length;
  if (fromStdin > 0 && !READERS.includes(command))
    refuse(`${named} cannot read a model from stdin`, 'Write the model to a file first');
  if (fromStdin > 1) refuse('- is given twice, but stdin can be read only once', 'Give it once');
  if (fromStdin > 0 && command === 'swap' && models.length > 1)
    refuse('- is given beside other models', 'Swap the model on stdin alone');
  for (const [option, file] of otherInputs(call))
    if (file === STANDARD) refuse(`--${option} cannot be read from stdin`, 'Write it to a file or folder first');
  for (const [option, file] of Object.entries(call.gate))
    if (file === STANDARD) refuse(`--${option} cannot be written to stdout`, 'Use the name of a file');
  if (call.output === STANDARD && command !== 'swap')
    refuse(`${named} cannot write to stdout`, 'Use the name of a file', ['output']);
  if (!writesToStdout(command, models, call)) return;
  if (models.length > 1) refuse(`${models.length} models cannot be written to stdout`, 'Use a folder with --output');
  if (call.json) refuse('--json and the model would both go to stdout', 'Use --output FILE', ['json']);
  if (isTerminal) refuse('the model would be printed on the terminal', 'Use --output FILE, or send stdout to a file');
}

function otherInputs({ calibrate, inputs, against, moments, finetune }: CallOptions): [string, unknown][] {
  return [
    ['calibrate', calibrate],
    ['inputs', inputs],
    ['against', against],
    ...moments.map((file): [string, unknown] => ['moments', file]),
    ['data', finetune?.data],
    ['val', finetune?.val],
    ['teacher', finetune?.teacher],
  ];
}
