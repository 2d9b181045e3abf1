/** How far batch renormalization may correct, while training. */
import type { RenormLimits } from '../gradient/renorm.ts';
import { number, type RawArguments, text, wrong } from './values.ts';

/** @throws GnSwapError `invalid-arguments` if a limit is too small, or given without `--batch-norm renorm` */
export function renormLimits(raw: RawArguments): RenormLimits {
  const limit = (name: string, least: number) => {
    const value = number(raw, name, `Use a number ≥ ${least}`);
    if (value !== undefined && value < least) throw wrong(name, `is ${value}`, `Use a number ≥ ${least}`);
    if (value === undefined || text(raw, 'batch-norm') === 'renorm') return value;
    throw wrong(name, 'is a limit of batch renormalization', 'Use --batch-norm renorm as well', {
      set: { 'batch-norm': 'renorm' },
    });
  };
  return { rMax: limit('r-max', 1), dMax: limit('d-max', 0) };
}
