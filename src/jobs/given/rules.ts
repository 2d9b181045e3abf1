/**
 * Options that a program hands over, looked at before anything is done. The command line checks what was typed; here a name that is not
 * known, or a limit that is no number, would change nothing, without a word: a drift is never more than NaN.
 */
import { GnSwapError } from '../../errors.ts';
import { nearest } from '../../options/nearest.ts';

/** Says what to give in place of a value; undefined if it may be that. */
export type Rule = (value: unknown) => string | undefined;

/** A rule for each option of a function. */
export type Rules<T> = Readonly<Record<keyof Required<T>, Rule>>;

/**
 * Holds options to their rules; what is undefined counts as left out.
 *
 * @throws GnSwapError `invalid-arguments`
 */
export function requireOptions<T extends object>(options: T, rules: Rules<T>): void {
  if (typeof options !== 'object' || options === null) {
    throw new GnSwapError('invalid-arguments', `the options are ${shown(options)}`, {
      remedy: 'Give an object of them',
    });
  }
  const known = Object.keys(rules);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(rules, name)) {
      const meant = nearest(name, known);
      const remedy = meant === undefined ? `There are ${known.join(', ')}` : `Did you mean ${meant}?`;
      throw new GnSwapError('invalid-arguments', `there is no option ${name}`, { remedy });
    }
    const wanted = rules[name as keyof T](value);
    if (wanted === undefined) continue;
    throw new GnSwapError('invalid-arguments', `${name} is ${shown(value)}`, { remedy: `Give ${wanted}` });
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return String(value);
}

/** Is looked at where it is used. */
export const anything: Rule = () => undefined;

export const flag: Rule = (value) => (typeof value === 'boolean' ? undefined : 'true or false');

export const text: Rule = (value) => (typeof value === 'string' ? undefined : 'text');

export const callback: Rule = (value) => (typeof value === 'function' ? undefined : 'a function');

/** @param wanted of numbers that pass; none does that is not finite */
export function number(wanted: string, isRight: (value: number) => boolean = () => true): Rule {
  return (value) => (typeof value === 'number' && Number.isFinite(value) && isRight(value) ? undefined : wanted);
}

export const whole = number('a whole number', Number.isInteger);
export const count = number('a positive whole number', (value) => Number.isInteger(value) && value > 0);
export const notNegative = number('a number that is not negative', (value) => value >= 0);
export const positive = number('a positive number', (value) => value > 0);
export const share = number('a share from 0 to 1', (value) => value >= 0 && value <= 1);

export function oneOf(...choices: readonly string[]): Rule {
  return (value) => (choices.some((choice) => choice === value) ? undefined : `one of ${choices.join(', ')}`);
}

/** @param rule for each item */
export function listOf(what: string, rule: Rule): Rule {
  return (value) => (Array.isArray(value) && value.every((item) => rule(item) === undefined) ? undefined : what);
}

export const expressions = listOf('a list of regular expressions, such as [/^layer1/]', (value) =>
  value instanceof RegExp || Object.prototype.toString.call(value) === '[object RegExp]' ? undefined : '',
);

/** @param names of the functions and numbers that it must have */
export function made(wanted: string, ...names: readonly string[]): Rule {
  return (value) => {
    const isMade = typeof value === 'object' && value !== null && names.every((name) => name in value);
    return isMade ? undefined : wanted;
  };
}

export const signal = made('the signal of an AbortController', 'aborted', 'addEventListener');
