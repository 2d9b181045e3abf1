/** β of the source's norm and of the one in its place. */
import { parameterChart } from './parameter-chart.ts';
import type { Section } from './types.ts';

export const beta: Section = {
  name: 'beta',
  title: 'β',
  wide: false,
  blocks(outcome) {
    const { plan } = outcome;
    return plan === undefined || plan.sites.length === 0 ? [] : [parameterChart(outcome, plan, 'β', 'bias')];
  },
};
