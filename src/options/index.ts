/**
 * Every option, once: the command line, its help and docs/options.md come from these tables, one file for each heading in
 * the help. Library options bear the same names in camel case.
 */
import { CALIBRATION } from './calibration.ts';
import { NORM } from './norm.ts';
import { OUTPUT } from './output.ts';
import { REPORTING } from './reporting.ts';
import { TRAINING } from './training.ts';
import type { CommandName, GroupOptions, OptionChange, OptionGroup, OptionSpec } from './types.ts';
import { VERIFICATION } from './verification.ts';

export { type CommandName, GROUPS, type OptionGroup, type OptionSpec } from './types.ts';

export const OPTIONS = {
  ...under('Norm', NORM),
  ...under('Calibration', CALIBRATION),
  ...under('Training', TRAINING),
  ...under('Output', OUTPUT),
  ...under('Verification', VERIFICATION),
  ...under('Reporting', REPORTING),
} satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof OPTIONS;

/** Returns the options that a command takes, as it takes them, in the order of the tables. */
export function optionsOf(command: CommandName): [OptionName, OptionSpec][] {
  const all = Object.entries(OPTIONS) as [OptionName, OptionSpec][];
  return all
    .filter(([, { commands }]) => commands.includes(command))
    .map(([name, spec]) => [name, changed(spec, spec.only?.[command])]);
}

/** Returns an option as one command takes it. */
export function changed({ only: _, ...spec }: OptionSpec, change: OptionChange | undefined): OptionSpec {
  const { default: own, ...others } = { ...spec, ...change };
  return own === null || own === undefined ? others : { ...others, default: own };
}

/** Puts options under their heading. */
function under<T extends GroupOptions>(group: OptionGroup, options: T) {
  const specs = Object.entries(options).map(([name, spec]) => [name, { ...spec, group }]);
  return Object.fromEntries(specs) as { readonly [Name in keyof T]: T[Name] & { readonly group: OptionGroup } };
}
