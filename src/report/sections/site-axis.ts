/** What charts over sites have in common: their horizontal axis is a site's number in the table of sites. */
import type { PlotOptions } from '@observablehq/plot';
import type { Outcome } from '../../jobs/outcome.ts';
import { siteNames } from '../proof.ts';

/** Entries of a list about sites, with the number of their site; what is of no site of the table is left out. */
export function bySite<T extends { readonly name: string }>(
  outcome: Outcome,
  list: readonly T[],
): (T & { readonly index: number })[] {
  const numbers = new Map(siteNames(outcome).map((name, index) => [name, index + 1]));
  return list.flatMap((it) => {
    const index = numbers.get(it.name);
    return index === undefined ? [] : [{ ...it, index }];
  });
}

/** The axis. */
export function siteAxis(outcome: Outcome): PlotOptions {
  const count = Math.max(1, siteNames(outcome).length);
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
