/** Options by name → arguments as the parser of a command line hands them over, for whoever has a form in place of a line. */
import { GnSwapError } from '../errors.ts';
import { type CommandName, type OptionSpec, optionsOf } from '../options/index.ts';
import { nearest } from '../options/nearest.ts';
import type { RawArguments } from './values.ts';

/**
 * Adds the defaults of a command, and checks what is given.
 *
 * @param given options of the command by name, without dashes; an empty text stands for one that is not set
 * @throws GnSwapError `invalid-arguments` for an option that the command has not, and for a value that it does not take
 */
export function rawOf(command: CommandName, given: RawArguments): RawArguments {
  const known = new Map<string, OptionSpec>(optionsOf(command));
  const raw: Record<string, unknown> = {};
  for (const [name, spec] of known) if (spec.default !== undefined) raw[name] = spec.default;
  for (const [name, value] of Object.entries(given)) {
    const spec = known.get(name);
    if (spec === undefined) {
      throw new GnSwapError('invalid-arguments', `unknown option --${name}`, {
        remedy: `See gn-swap ${command} --help`,
        next: { drop: [name] },
      });
    }
    if (value === '' || value === undefined || value === false) continue;
    const values = [value].flat().map((it) => taken(name, it, spec));
    raw[name] = spec.array === true ? values : values[0];
  }
  return raw;
}

function taken(name: string, value: unknown, spec: OptionSpec): unknown {
  if (spec.type === 'boolean') return value === true;
  if (spec.type === 'number') return Number(value);
  const text = String(value);
  checkChoice(`--${name}`, name, text, spec);
  return text;
}

/**
 * Checks a value against those that an option may have.
 *
 * @param shown the option as it was typed
 * @throws GnSwapError `invalid-arguments` with the value that was probably meant
 */
export function checkChoice(shown: string, name: string, value: string, { choices }: OptionSpec): void {
  if (choices === undefined || choices.includes(value)) return;
  const meant = nearest(value.toLowerCase(), choices);
  const remedy = meant === undefined ? `Use one of ${choices.join(', ')}` : `Did you mean ${shown} ${meant}?`;
  throw new GnSwapError('invalid-arguments', `${shown} cannot be ${JSON.stringify(value)}`, {
    remedy,
    next: { set: { [name]: meant ?? choices[0] ?? '' } },
  });
}
