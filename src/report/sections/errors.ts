/** Each site's distance from its float64 reference, and what its type can promise. */
import type { ScaleOptions } from '@observablehq/plot';
import { isWithin } from '../../verify/bounds.ts';
import { plural } from '../../words.ts';
import { figure, largest } from '../figures.ts';
import { proofOf } from '../proof.ts';
import { bySite, siteAxis } from './site-axis.ts';
import type { Section } from './types.ts';

export const errors: Section = {
  name: 'errors',
  title: 'Error and bound',
  wide: false,
  blocks(outcome) {
    const verification = proofOf(outcome);
    const all = bySite(outcome, verification?.sites ?? []).map(({ name, index, reference }) => ({
      name,
      index,
      ...reference,
    }));
    const worst = largest(all, ({ error, bound }) => error / bound);
    if (worst === undefined) return [];
    const known = all.filter(({ error, bound }) => Number.isFinite(error) && bound > 0);
    // A logarithm has no 0: what is exact stands at the foot.
    const foot = Math.min(...known.flatMap(({ error, bound }) => (error > 0 ? [error, bound] : [bound]))) / 2;
    const points = known.map((it) => ({ ...it, shown: Math.max(it.error, foot), isWithin: isWithin(it) }));
    const outside = all.filter((it) => !isWithin(it)).length;
    const verdict = outside === 0 ? 'all within their bounds' : `${outside} not within their bounds`;
    return [
      {
        kind: 'chart',
        title: 'Error of each site against its bound',
        description:
          `Largest difference from the float64 reference at ${plural(all.length, 'site')}, ${verdict}; the nearest to its bound, ` +
          `or beyond it, is ${worst.name} with ${figure(worst.error)} of ${figure(worst.bound)}.`,
        legend: ['error', 'bound'],
        options: (Plot, colour) => ({
          ...siteAxis(outcome),
          y: { label: 'largest error', type: 'log', grid: true, tickFormat: power, ...decades(points) },
          marks: [
            Plot.ruleY(points, {
              x1: (it) => it.index - 0.4,
              x2: (it) => it.index + 0.4,
              y: 'bound',
              stroke: colour.second,
              strokeWidth: 2,
            }),
            Plot.dot(points, {
              x: 'index',
              y: 'shown',
              r: 2.5,
              fill: (it: (typeof points)[number]) => (it.isWithin ? colour.first : colour.bad),
              symbol: (it: (typeof points)[number]) => (it.isWithin ? 'circle' : 'times'),
              stroke: (it: (typeof points)[number]) => (it.isWithin ? 'none' : colour.bad),
              title: (it: (typeof points)[number]) => `${it.name}: ${figure(it.error)}, bound ${figure(it.bound)}`,
            }),
          ],
        }),
      },
    ];
  },
};

/** An axis of whole powers of ten, at most six of them named. */
function decades(points: readonly { readonly shown: number; readonly bound: number }[]): ScaleOptions {
  const all = points.flatMap(({ shown, bound }) => [Math.log10(shown), Math.log10(bound)]);
  const [from, to] = [Math.floor(Math.min(...all)), Math.ceil(Math.max(...all))];
  const step = Math.max(1, Math.ceil((to - from) / 6));
  const ticks = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => 10 ** (from + index * step));
  return { domain: [10 ** from, 10 ** to], ticks };
}

function power(value: number): string {
  return value.toExponential(0);
}
