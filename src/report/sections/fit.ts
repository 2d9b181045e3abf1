/** How much of the source's value the solved norm explains at each site. */

import { plural } from '../../words.ts';
import { figure, largest, quantile } from '../figures.ts';
import { bySite, siteAxis } from './site-axis.ts';
import type { Section } from './types.ts';

export const fit: Section = {
  name: 'fit',
  title: 'Fit',
  wide: false,
  blocks(outcome) {
    const { calibration } = outcome;
    const varying = calibration?.fits.filter(({ r2 }) => !Number.isNaN(r2)) ?? [];
    const points = bySite(outcome, varying);
    const worst = largest(points, ({ r2 }) => -r2);
    if (worst === undefined) return [];
    const middle = quantile(
      points.map(({ r2 }) => r2),
      0.5,
    );
    return [
      {
        kind: 'chart',
        title: 'R² of each solved site',
        description:
          `Share of the variance of the source’s value that the solved norm explains, at ${plural(points.length, 'site')}: ` +
          `median ${figure(middle)}, least ${figure(worst.r2)} at ${worst.name}.`,
        options: (Plot, colour) => ({
          ...siteAxis(outcome),
          y: { label: 'R²', grid: true, domain: [Math.min(0, worst.r2), 1] },
          marks: [
            Plot.lineY(points, { x: 'index', y: 'r2', stroke: colour.first, strokeOpacity: 0.5 }),
            Plot.dot(points, {
              x: 'index',
              y: 'r2',
              fill: colour.first,
              r: 2.5,
              title: (it) => `${it.name}: ${figure(it.r2)}`,
            }),
          ],
        }),
      },
    ];
  },
};
