/** What charts over sites have in common: their horizontal axis is a site's number in the table of sites. */
import type { PlotOptions } from '@observablehq/plot';
import type { Plan } from '../../plan.ts';

/** Entries of a list about sites, with the number of their site; what is of no site of the plan is left out. */
export function bySite<T extends { readonly name: string }>(
  plan: Plan | undefined,
  list: readonly T[],
): (T & { index: number })[] {
  const numbers = new Map(plan?.sites.map(({ site }, index) => [site.name, index + 1]));
  return list.flatMap((it) => {
    const index = numbers.get(it.name);
    return index === undefined ? [] : [{ ...it, index }];
  });
}

/** The axis. */
export function siteAxis(plan: Plan | undefined): PlotOptions {
  const count = plan?.sites.length ?? 1;
  return {
    x: { label: 'site number', domain: [0.5, count + 0.5], ticks: ticksUpTo(count), tickFormat: 'd', type: 'linear' },
  };
}

/** A few whole numbers from 1 on. */
function ticksUpTo(count: number): number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((it) => count / it <= 8) ?? Math.ceil(count / 8);
  const multiples = Array.from({ length: Math.floor(count / step) }, (_, index) => (index + 1) * step);
  return step === 1 ? multiples : [1, ...multiples];
}
