/** Commands of the documentation, run as a person or a scheduler would: by a shell that finds gn-swap. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { builtSources, ended, type Ran } from './cli.ts';
import type { Scratch } from './scratch.ts';

export interface ShellOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Scripts to find beside gn-swap, by name. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** Runs a command in the folder. What gn-swap is called with is appended to `.bin/calls`, a line a call. */
export function runCommand(
  scratch: Scratch,
  [program, ...args]: readonly [string, ...string[]],
  { env = {}, programs = {} }: ShellOptions = {},
): Promise<Ran> {
  const bin = scratch.path('.bin');
  mkdirSync(bin, { recursive: true });
  const gnSwap = `#!/bin/sh
echo "$@" >> '${bin}/calls'
exec '${process.execPath}' '${builtSources()}/cli/run.js' "$@"
`;
  for (const [name, script] of Object.entries({ ...programs, 'gn-swap': gnSwap })) {
    writeFileSync(join(bin, name), script);
    chmodSync(join(bin, name), 0o755);
  }
  // Nothing of this process's: a script must not hang on what happens to be set here.
  const clean = { PATH: `${bin}${delimiter}${process.env.PATH}`, HOME: scratch.folder, ...env };
  return ended(spawn(program, args, { cwd: scratch.folder, env: clean, stdio: ['ignore', 'pipe', 'pipe'] }));
}
