/** The learning rate over the steps, and what other rates led to. */
import type { Block } from '../blocks.ts';
import { figure } from '../figures.ts';
import { epochsOf } from './epoch-axis.ts';
import type { Section } from './types.ts';

export const rates: Section = {
  name: 'rates',
  title: 'Learning rate',
  wide: false,
  blocks({ finetune }) {
    if (finetune === undefined || finetune.trace.length === 0) return [];
    const { perEpoch, axis } = epochsOf(finetune);
    const points = finetune.trace.map(({ step, rate }) => ({ epoch: step / perEpoch, rate }));
    const chart: Block = {
      kind: 'chart',
      title: 'Learning rate by epoch',
      description: `A warm-up to ${figure(finetune.rate)}, then half a cosine down to 0.`,
      options: (Plot, colour) => ({
        ...axis,
        marginLeft: 56,
        y: { label: 'rate', grid: true, zero: true, tickFormat: '.1e', ticks: 5 },
        marks: [Plot.lineY(points, { x: 'epoch', y: 'rate', stroke: colour.first, strokeWidth: 2 })],
      }),
    };
    if (finetune.tried.length === 0) return [chart];
    return [
      chart,
      {
        kind: 'table',
        caption: 'Rates that were tried, and the held-out loss that each led to',
        columns: [{ label: 'rate', numeric: true }, { label: 'held-out loss', numeric: true }, { label: 'taken' }],
        rows: finetune.tried.map(({ rate, loss }) => ({
          cells: [figure(rate), loss === null ? 'not finite' : figure(loss), rate === finetune.rate ? 'yes' : ''],
        })),
      },
    ];
  },
};
