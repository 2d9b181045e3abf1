/** Single values of what was typed. */
import { GnSwapError, type NextStep } from '../errors.ts';

/** The options as the parser hands them over. */
export type RawArguments = Readonly<Record<string, unknown>>;

/** Makes the error that says what is wrong with an option, and what to give. */
export function wrong(name: string, what: string, remedy: string, next: NextStep = { drop: [name] }): GnSwapError {
  return new GnSwapError('invalid-arguments', `--${name} ${what}`, { remedy, next });
}

/** Returns an option as text; undefined if it was not given. */
export function text(raw: RawArguments, name: string): string | undefined {
  const value = raw[name];
  return value === undefined ? undefined : String(value);
}

/**
 * Returns an option that takes a number; undefined if it was not given.
 *
 * @throws GnSwapError `invalid-arguments` if it is not finite
 */
export function number(raw: RawArguments, name: string, remedy: string): number | undefined {
  const value = raw[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(name, 'is not a number', remedy);
  return value;
}

/** Returns an option that counts something; whether it is positive and whole is checked where it is used. */
export function count(raw: RawArguments, name: string): number | undefined {
  return number(raw, name, 'Use a positive whole number');
}
