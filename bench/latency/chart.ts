/// <reference lib="dom" />
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Times } from './in-turn.ts';
import { BATCH } from './norms.ts';

/** An SVG: the forms' times as multiples of BatchNormalization’s, size by size. */
export function drawChart(all: readonly Times[]): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const rows = all.flatMap(({ on, milliseconds }) => {
    const own = milliseconds.get(BATCH) ?? Number.NaN;
    return [...milliseconds].map(([form, time]) => ({ on, form, ratio: time / own }));
  });
  const svg = Plot.plot({
    document,
    figure: false,
    width: 760,
    height: 380,
    marginLeft: 110,
    style: { background: 'white', color: 'black' },
    x: {
      label: 'times the time of BatchNormalization',
      grid: true,
      domain: [0, Math.max(...rows.map((it) => it.ratio))],
    },
    y: { label: null, domain: all.map(({ on }) => on) },
    color: { domain: [...new Set(rows.map(({ form }) => form))], legend: false },
    marks: [
      Plot.dot(rows, { x: 'ratio', y: 'on', fill: 'form', r: 5 }),
      Plot.text(
        rows.filter(({ on }) => on === all[0]?.on),
        { x: 'ratio', y: 'on', text: 'form', dy: -11, fill: 'form' },
      ),
      Plot.ruleX([1]),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return (svg as Element).outerHTML;
}
