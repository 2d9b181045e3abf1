/** The horizontal axis of charts over epochs. */
import type { PlotOptions } from '@observablehq/plot';
import type { FinetuneFacts } from '../../jobs/finetune.ts';

/** Axes name this many epochs at most. */
const MOST_TICKS = 10;

/** How many steps an epoch has, and the axis from before training to the last step. */
export function epochsOf({ history, trace }: FinetuneFacts): {
  readonly perEpoch: number;
  readonly axis: Pick<PlotOptions, 'x'>;
} {
  const last = history.at(-1);
  const steps = trace.at(-1)?.step ?? 1;
  const perEpoch = last === undefined || last.epoch === 0 ? steps : last.steps / last.epoch;
  const end = Math.max(1, steps / perEpoch);
  const every = Math.ceil(end / MOST_TICKS);
  const ticks = Array.from({ length: Math.floor(end / every) + 1 }, (_, index) => index * every);
  return { perEpoch, axis: { x: { label: 'epoch', domain: [0, end], ticks, tickFormat: 'd' } } };
}

/** When a figure was measured, in words. */
export function whenOf(epoch: number): string {
  return epoch === 0 ? 'before training' : `after epoch ${epoch}`;
}
