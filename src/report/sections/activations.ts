/** How the numbers that a site answers are spread, in the source and in the rewritten model. */
import type { HistogramPair } from '../../measure/histogram.ts';
import { plural } from '../../words.ts';
import type { Block, Chart } from '../blocks.ts';
import { figure } from '../figures.ts';
import { proofOf } from '../proof.ts';
import { bySite } from './site-axis.ts';
import type { Section } from './types.ts';

/** So many pictures are looked at, and no more. */
const MOST = 24;

export const activations: Section = {
  name: 'activations',
  title: 'Activations',
  wide: true,
  blocks(outcome) {
    const verification = proofOf(outcome);
    const all = bySite(outcome, verification?.observed?.sites ?? []).flatMap(({ histogram, ...it }) =>
      histogram === undefined ? [] : [{ ...it, histogram }],
    );
    if (all.length === 0) return [];
    const far = all.toSorted((a, b) => b.relative - a.relative).slice(0, MOST);
    const shown = far.toSorted((a, b) => a.index - b.index);
    const which =
      shown.length < all.length ? `The ${MOST} of ${all.length} sites that differ most` : plural(all.length, 'site');
    const text: Block = {
      kind: 'text',
      text: `${which}, on the inputs of the checks: what share of a site’s answers lies where. What is beyond 4 standard deviations counts at the margin.`,
    };
    return [
      text,
      ...shown.map(({ index, name, relative, histogram }) => chartOf(`${index} ${name}`, relative, histogram)),
    ];
  },
};

function chartOf(title: string, relative: number, { from, to, source, rewritten }: HistogramPair): Chart {
  const width = (to - from) / source.length;
  // A step curve is drawn from corner to corner, so each bin has its left one, and the last one its right one too.
  const steps = (counts: readonly number[]) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const shares = counts.map((count, bin) => ({ at: from + bin * width, share: count / total }));
    return [...shares, { at: to, share: (counts.at(-1) ?? 0) / total }];
  };
  return {
    kind: 'chart',
    title,
    description: `From ${figure(from)} to ${figure(to)}; the relative difference is ${figure(relative)}.`,
    legend: ['source', 'rewritten'],
    small: true,
    options: (Plot, colour) => ({
      width: 200,
      height: 110,
      marginLeft: 8,
      marginRight: 12,
      marginTop: 6,
      marginBottom: 20,
      x: { label: null, ticks: 4 },
      y: { axis: null },
      marks: [
        Plot.areaY(steps(source), { x: 'at', y: 'share', curve: 'step-after', fill: colour.first, fillOpacity: 0.35 }),
        Plot.lineY(steps(rewritten), {
          x: 'at',
          y: 'share',
          curve: 'step-after',
          stroke: colour.second,
          strokeWidth: 1.5,
        }),
        Plot.ruleY([0]),
      ],
    }),
  };
}
