/// <reference lib="dom" />
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { rowNamed } from '../../src/jobs/compare-finetune/rows.ts';
import type { RowName } from '../../src/options/rows.ts';
import type { RunLine } from './lines.ts';
import { meanOf, scoresOf } from './tables.ts';

/** An SVG: mean scores of rows by batch, with the least and most of the seeds. */
export function drawChart(runs: readonly RunLine[], rows: readonly RowName[]): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const batches = [...new Set(runs.map(({ batch }) => batch))].sort((a, b) => a - b);
  const points = rows.flatMap((row) =>
    batches.flatMap((batch) => {
      const scores = scoresOf(runs, row, batch);
      if (scores.length === 0) return [];
      const [least, most] = [Math.min(...scores), Math.max(...scores)];
      return [{ row: rowNamed(row).title, batch, mean: meanOf(scores), least, most }];
    }),
  );
  const svg = Plot.plot({
    document,
    figure: false,
    width: 760,
    height: 400,
    marginLeft: 60,
    marginRight: 200,
    style: { background: 'white', color: 'black' },
    x: { label: 'samples per step', type: 'log', base: 2, ticks: batches, tickFormat: String },
    y: { label: runs[0]?.measure ?? '', grid: true, domain: [0, 1] },
    color: { domain: [...new Set(points.map(({ row }) => row))], legend: false },
    marks: [
      Plot.ruleX(points, { x: 'batch', y1: 'least', y2: 'most', stroke: 'row', strokeOpacity: 0.5 }),
      Plot.line(points, { x: 'batch', y: 'mean', stroke: 'row', strokeWidth: 2 }),
      Plot.dot(points, { x: 'batch', y: 'mean', fill: 'row', r: 4 }),
      Plot.text(
        points.filter(({ batch }) => batch === batches.at(-1)),
        Plot.dodgeY({ x: 'batch', y: 'mean', text: 'row', dx: 10, textAnchor: 'start', fill: 'row' }),
      ),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${(svg as Element).outerHTML}\n`;
}
