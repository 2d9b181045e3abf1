/** How far each site's output is from what stood there in the source. */

import { plural } from '../../words.ts';
import { figure, largest, quantile } from '../figures.ts';
import { proofOf } from '../proof.ts';
import { bySite, siteAxis } from './site-axis.ts';
import type { Section } from './types.ts';

export const siteDrift: Section = {
  name: 'site-drift',
  title: 'Drift of the sites',
  wide: false,
  blocks(outcome) {
    const verification = proofOf(outcome);
    const all = bySite(outcome, verification?.observed?.sites ?? []);
    const points = all.filter(({ relative }) => Number.isFinite(relative));
    const far = largest(all, ({ relative }) => relative);
    if (far === undefined) return [];
    const middle = quantile(
      points.map(({ relative }) => relative),
      0.5,
    );
    return [
      {
        kind: 'chart',
        title: 'Relative difference from the source at each site',
        description:
          `‖difference‖/‖source‖ of the answers at ${plural(all.length, 'site')}, on the inputs of the checks: ` +
          `median ${figure(middle)}, largest ${figure(far.relative)} at ${far.name}.`,
        options: (Plot, colour) => ({
          ...siteAxis(outcome),
          y: { label: 'relative difference', grid: true, zero: true },
          marks: [
            Plot.ruleY([0]),
            Plot.lineY(points, { x: 'index', y: 'relative', stroke: colour.first, strokeOpacity: 0.5 }),
            Plot.dot(points, {
              x: 'index',
              y: 'relative',
              fill: colour.first,
              r: 2.5,
              title: (it) => `${it.name}: ${figure(it.relative)}`,
            }),
          ],
        }),
      },
    ];
  },
};
