/** How the loss fell, on what was trained on and on what was held out. */
import { figure } from '../figures.ts';
import { epochsOf, whenOf } from './epoch-axis.ts';
import type { Section } from './types.ts';

export const losses: Section = {
  name: 'losses',
  title: 'Loss',
  wide: false,
  blocks({ finetune }) {
    if (finetune === undefined || finetune.trace.length === 0) return [];
    const { perEpoch, axis } = epochsOf(finetune);
    const trained = finetune.trace.map(({ step, loss }) => ({ epoch: step / perEpoch, loss }));
    const held = finetune.history.flatMap(({ epoch, loss }) => (loss === null ? [] : [{ epoch, loss }]));
    const [first, last] = [held[0], held.at(-1)];
    const told =
      first === undefined || last === undefined
        ? `Over the steps, from ${figure(trained[0]?.loss)} to ${figure(trained.at(-1)?.loss)}.`
        : first === last
          ? `Held out, ${figure(first.loss)} ${whenOf(first.epoch)}.`
          : `Held out, from ${figure(first.loss)} ${whenOf(first.epoch)} to ${figure(last.loss)} ${whenOf(last.epoch)}.`;
    return [
      {
        kind: 'chart',
        title: 'Loss by epoch',
        description: `${told} Training samples are varied, and each is scored before its step.`,
        legend: ['training', 'held out'],
        options: (Plot, colour) => ({
          ...axis,
          y: { label: 'loss', grid: true, nice: true, zero: true },
          marks: [
            Plot.lineY(trained, { x: 'epoch', y: 'loss', stroke: colour.first, strokeOpacity: 0.8 }),
            Plot.lineY(held, { x: 'epoch', y: 'loss', stroke: colour.second, strokeWidth: 2 }),
            Plot.dot(held, { x: 'epoch', y: 'loss', fill: colour.second, r: 2.5 }),
          ],
        }),
      },
    ];
  },
};
