/** How the measure rose, on what was trained on and on what was held out. */
import { figure } from '../figures.ts';
import { epochsOf, whenOf } from './epoch-axis.ts';
import type { Section } from './types.ts';

export const scores: Section = {
  name: 'scores',
  title: 'Score',
  wide: false,
  blocks({ finetune }) {
    if (finetune === undefined) return [];
    const { history, measure, bestEpoch } = finetune;
    const trained = history.flatMap(({ epoch, trainScore: score }) => (score === null ? [] : [{ epoch, score }]));
    const held = history.flatMap(({ epoch, score }) => (score === null ? [] : [{ epoch, score }]));
    const [first] = held;
    const best = held.find(({ epoch }) => epoch === bestEpoch);
    if (trained.length + held.length === 0) return [];
    const begins = first === undefined || first === best ? '' : `${figure(first.score)} ${whenOf(first.epoch)} and `;
    const others = bestEpoch > 0 ? ', which is kept' : held.length > 1 ? ', which no epoch exceeded' : '';
    const ends = `${whenOf(bestEpoch)}${others}`;
    const kept = best === undefined ? '' : `Held out, ${begins}${figure(best.score)} ${ends}. `;
    const { axis } = epochsOf(finetune);
    return [
      {
        kind: 'chart',
        title: `${measure} by epoch`,
        description:
          `${kept}${trained.length === 0 ? '' : 'Training samples are scored as they were trained on: varied, and before their step.'}`.trim(),
        legend: ['training', 'held out'],
        options: (Plot, colour) => ({
          ...axis,
          y: { label: measure, grid: true, domain: [Math.min(0, ...[...held, ...trained].map((it) => it.score)), 1] },
          marks: [
            Plot.lineY(trained, { x: 'epoch', y: 'score', stroke: colour.first }),
            Plot.dot(trained, { x: 'epoch', y: 'score', fill: colour.first, r: 2.5 }),
            Plot.lineY(held, { x: 'epoch', y: 'score', stroke: colour.second, strokeWidth: 2 }),
            Plot.dot(held, { x: 'epoch', y: 'score', fill: colour.second, r: 2.5 }),
            ...(best === undefined
              ? []
              : [Plot.dot([best], { x: 'epoch', y: 'score', stroke: colour.second, strokeWidth: 1.5, r: 6 })]),
          ],
        }),
      },
    ];
  },
};
