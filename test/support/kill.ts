/** Processes that are killed before a chosen step on the disk, or that count their steps. */
import { type CliOptions, ended, type Ran, startCli } from './cli.ts';

/** Calls that change something, of `fs` and of open files. */
const CHANGING = ['mkdirSync', 'linkSync', 'renameSync', 'rmSync', 'rmdirSync', 'copyFileSync'];

/**
 * JavaScript that counts the steps of a process on the disk, and sends it a signal before one of them.
 *
 * @param step from 0; absent: none, and their number is the last line on stderr
 * @param times before how many steps in a row
 */
function killedBefore(step?: number, signal: NodeJS.Signals = 'SIGKILL', times = 1): string {
  return `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
let steps = 0;
const count = () => {
  const since = steps++ - ${step ?? Number.POSITIVE_INFINITY};
  if (since >= 0 && since < ${times}) process.kill(process.pid, '${signal}');
};
const counted = (object, name) => {
  const call = object[name];
  object[name] = function (...args) {
    count();
    return call.apply(this, args);
  };
};
for (const name of ${JSON.stringify(CHANGING)}) counted(fs, name);
const open = fs.promises.open;
fs.promises.open = async (...args) => {
  count();
  const handle = await open(...args);
  for (const name of ['write', 'datasync', 'sync', 'close']) counted(handle, name);
  return handle;
};
syncBuiltinESMExports();
process.on('exit', () => ${step === undefined ? "process.stderr.write('\\n' + steps)" : 'undefined'});
`;
}

/** How many steps a run takes that nobody kills. */
export async function stepsOf(args: readonly string[], options: CliOptions): Promise<number> {
  const { status, stderr } = await ended(startCli(args, { ...options, before: killedBefore() }));
  if (status !== 0) throw new Error(`it ends with ${status}: ${stderr}`);
  return Number(stderr.split('\n').at(-1));
}

/** Runs gn-swap until it is killed before a step. */
export function killBefore(step: number, args: readonly string[], options: CliOptions): Promise<Ran> {
  return ended(startCli(args, { ...options, before: killedBefore(step) }));
}

/** Runs gn-swap, and presses Ctrl-C before a step, and as often as is asked for before those that follow. */
export function interruptBefore(
  step: number,
  times: number,
  args: readonly string[],
  options: CliOptions,
): Promise<Ran> {
  return ended(startCli(args, { ...options, before: killedBefore(step, 'SIGINT', times) }));
}
