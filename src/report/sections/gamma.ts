/** γ of the source's norm and of the one in its place. */
import { parameterChart } from './parameter-chart.ts';
import type { Section } from './types.ts';

export const gamma: Section = {
  name: 'gamma',
  title: 'γ',
  wide: false,
  blocks(outcome) {
    const { plan } = outcome;
    return plan === undefined || plan.sites.length === 0 ? [] : [parameterChart(outcome, plan, 'γ', 'scale')];
  },
};
