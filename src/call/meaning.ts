/** Options that say what a model's inputs and outputs are, and how much of its behaviour must be kept. */
import { GnSwapError } from '../errors.ts';
import type { MeantOptions } from '../inputs/as-meant.ts';
import type { TaskOptions } from '../measure/tasks/types.ts';

/** Reads `--task`, `--boxes`, `--scores` and how their numbers are written. Whether they fit, the model's answers tell. */
export function taskOptions(raw: Readonly<Record<string, unknown>>): TaskOptions {
  const text = (name: string) => (raw[name] === undefined ? undefined : String(raw[name]));
  return {
    task: raw.task === undefined ? undefined : [raw.task].flat().map(String),
    boxes: text('boxes'),
    scores: text('scores'),
    boxFormat: text('box-format') as TaskOptions['boxFormat'],
    boxUnit: text('box-unit') as TaskOptions['boxUnit'],
    boxOffset: fromZeroToOne(raw, 'box-offset', 'Use 0 for the corner of a cell, 0.5 for its middle'),
    scoreKind: text('score-kind') as TaskOptions['scoreKind'],
  };
}

/**
 * Reads `--min-kept`.
 *
 * @throws GnSwapError `invalid-arguments` if it is not a share
 */
export function minKept(raw: Readonly<Record<string, unknown>>): number | undefined {
  return fromZeroToOne(raw, 'min-kept', 'Use a number from 0 to 1, such as 0.9');
}

function fromZeroToOne(raw: Readonly<Record<string, unknown>>, name: string, remedy: string): number | undefined {
  const value = raw[name];
  if (value === undefined || (typeof value === 'number' && value >= 0 && value <= 1)) return value;
  throw new GnSwapError('invalid-arguments', `--${name} is ${String(value)}`, { remedy });
}

/** Reads `--batch-axis`, whose choices the parser has checked. */
export function batchAxis(raw: Readonly<Record<string, unknown>>): MeantOptions['batchAxis'] {
  const value = raw['batch-axis'];
  return value === undefined ? undefined : String(value) === 'none' ? 'none' : 'batch';
}
