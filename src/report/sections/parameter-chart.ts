/** What charts of γ and of β have in common: the source's norm and the one in its place, side by side. */

import type { Outcome } from '../../jobs/outcome.ts';
import type { Plan, SitePlan } from '../../plan/index.ts';
import { plural } from '../../words.ts';
import type { Chart } from '../blocks.ts';
import { figure, quantile } from '../figures.ts';
import { siteAxis } from './site-axis.ts';

/** The middle of a site's channels, and what nine tenths of them lie between. */
interface Spread {
  readonly index: number;
  readonly name: string;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

function spreadOf(values: ArrayLike<number>, index: number, name: string): Spread {
  const list = Array.from(values).filter(Number.isFinite);
  return { index, name, low: quantile(list, 0.05), middle: quantile(list, 0.5), high: quantile(list, 0.95) };
}

/** One of both, at every site. */
export function parameterChart(outcome: Outcome, plan: Plan, letter: string, role: 'scale' | 'bias'): Chart {
  const spreads = (of: (it: SitePlan) => ArrayLike<number> | undefined) =>
    plan.sites.flatMap((it, index) => {
      const values = of(it);
      return values === undefined ? [] : [spreadOf(values, index + 1, it.site.name)];
    });
  // What a folded norm's γ and β were, nobody knows.
  const before = spreads(({ site }) => (site.needsData === true ? undefined : site.statistics[role]));
  const after = spreads((it) => it[role]);
  const unknown = after.length - before.length;
  const median = (list: readonly Spread[]) =>
    figure(
      quantile(
        list.map(({ middle }) => middle),
        0.5,
      ),
    );
  const was = before.length === 0 ? 'unknown before' : `${median(before)} before`;
  return {
    kind: 'chart',
    title: `${letter} before and after`,
    description:
      `Median over the channels of each of ${plural(after.length, 'site')}, and the range that nine tenths of them lie in. ` +
      `The median of all is ${was} and ${median(after)} after.` +
      (unknown === 0 || before.length === 0
        ? ''
        : ` ${plural(unknown, 'site')} had their norm folded away, so what it was is unknown.`),
    legend: ['before', 'after'],
    options: (Plot, colour) => {
      const series = (list: readonly Spread[], stroke: string, dx: number, symbol: 'circle' | 'square') => [
        Plot.ruleX(list, { x: 'index', y1: 'low', y2: 'high', stroke, strokeOpacity: 0.7, dx }),
        Plot.dot(list, {
          x: 'index',
          y: 'middle',
          fill: stroke,
          r: 2.5,
          symbol,
          dx,
          title: (it) => `${it.name}: ${figure(it.middle)} (${figure(it.low)} to ${figure(it.high)})`,
        }),
      ];
      return {
        ...siteAxis(outcome),
        y: { label: letter, grid: true },
        marks: [
          Plot.ruleY([0]),
          ...series(before, colour.first, -1, 'circle'),
          ...series(after, colour.second, 1, 'square'),
        ],
      };
    },
  };
}
