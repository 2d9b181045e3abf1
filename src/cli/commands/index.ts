/** What each command does. */

import type { CommandName } from '../../options/index.ts';
import { check } from './check.ts';
import { compare } from './compare.ts';
import { consumers } from './consumers.ts';
import { finetune } from './finetune.ts';
import { gradient } from './gradient.ts';
import { inspect } from './inspect.ts';
import { moments } from './moments.ts';
import { swap } from './swap.ts';
import type { Command } from './types.ts';

export const COMMANDS: Readonly<Record<CommandName, Command>> = {
  swap,
  check,
  inspect,
  compare,
  moments,
  gradient,
  finetune,
  consumers,
};

/** What a command of that name does. */
export function commandOf(name: CommandName): Command {
  return COMMANDS[name];
}
