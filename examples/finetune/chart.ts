/// <reference lib="dom" />
/** Quality against batch size as one SVG, drawn by Observable Plot. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Cell, METHODS, type Method } from './results.ts';

/** One task's curves. */
export interface Panel {
  readonly title: string;
  /** What the quality is. */
  readonly quality: string;
  readonly cells: readonly Cell[];
}

/** Colours of Okabe & Ito, told apart also by who sees red and green alike; and a shape each. */
const MARKS: Readonly<Record<Method, { colour: string; symbol: Plot.SymbolType }>> = {
  bn: { colour: '#d55e00', symbol: 'square' },
  'bn-frozen': { colour: '#e69f00', symbol: 'diamond' },
  copy: { colour: '#999999', symbol: 'times' },
  statistics: { colour: '#56b4e9', symbol: 'triangle' },
  calibrate: { colour: '#0b8a60', symbol: 'circle' },
};

const [WIDTH, HEIGHT, LEGEND, MARGIN] = [420, 320, 70, 8];
/** How far the spreads of two methods stand apart, as a share of a doubling of the batch. */
const STEP = 0.05;

/**
 * Panels side by side under one legend: a mean over the seeds a point, its least and most a bar. Readable on light and on dark: it
 * brings its own ground, in the reader's scheme.
 */
export function chartOf(panels: readonly Panel[]): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const width = panels.length * WIDTH;
  const height = HEIGHT + LEGEND;
  const outer = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  for (const [name, value] of Object.entries({
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width: String(width),
    height: String(height),
    role: 'img',
    'aria-label': 'Quality after fine-tuning against batch size, by method',
    'font-family': 'system-ui, sans-serif',
    'font-size': '12',
    color: '#1f2328',
  })) {
    outer.setAttribute(name, value);
  }
  outer.innerHTML = STYLE;
  const methods = (Object.keys(METHODS) as Method[]).filter((method) =>
    panels.some(({ cells }) => cells.some((cell) => cell.method === method)),
  );
  outer.append(place(legend(methods, width, document), 0, 0));
  for (const [index, panel] of panels.entries()) {
    outer.append(place(curves(panel, document), index * WIDTH, LEGEND));
  }
  return `${outer.outerHTML}\n`;
}

const STYLE = `<style>
.ground { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  svg { color: #e6edf3 }
  .ground { fill: #0d1117 }
}
</style><rect class="ground" width="100%" height="100%" rx="6"/>`;

function legend(methods: readonly Method[], width: number, document: Document): Element {
  const entries = methods.map((method, index) => ({ method, column: index % 3, row: Math.floor(index / 3) }));
  return Plot.plot({
    document,
    width,
    height: LEGEND,
    margin: 0,
    x: { axis: null, domain: [0, 3], range: [MARGIN + 40, width] },
    y: { axis: null, domain: [0, 1], range: [22, 44] },
    marks: [
      Plot.dot(entries, { x: 'column', y: 'row', r: 5, symbol: symbolOf, fill: colourOf, stroke: colourOf }),
      Plot.text(entries, {
        x: 'column',
        y: 'row',
        dx: 12,
        textAnchor: 'start',
        text: ({ method }: { method: Method }) => METHODS[method].replaceAll('`', ''),
      }),
    ],
  });
}

function curves({ title, quality, cells }: Panel, document: Document): Element {
  const batches = [...new Set(cells.map(({ batch }) => batch))].sort((a, b) => a - b);
  const methods = [...new Set(cells.map(({ method }) => method))];
  const beside = (cell: Cell) =>
    Math.log2(cell.batch) + STEP * (methods.indexOf(cell.method) - (methods.length - 1) / 2);
  const source = cells.find(({ method }) => method === 'bn')?.before;
  return Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 48,
    marginBottom: 40,
    marginTop: 36,
    x: {
      label: 'batch',
      ticks: batches.map(Math.log2),
      tickFormat: (log: number) => String(2 ** log),
      labelAnchor: 'center',
    },
    y: { label: null, grid: true, tickFormat: '.2f' },
    marks: [
      Plot.text([`${title}: ${quality}`], {
        frameAnchor: 'top-left',
        dy: -24,
        textAnchor: 'start',
        fontWeight: 'bold',
      }),
      source === undefined
        ? undefined
        : [
            Plot.ruleY([source], { stroke: 'currentColor', strokeDasharray: '4 3' }),
            Plot.text([source], {
              y: (it: number) => it,
              text: ['the source, untrained'],
              frameAnchor: 'right',
              dy: -7,
            }),
          ],
      Plot.ruleX(cells, { x: beside, y1: 'least', y2: 'most', stroke: colourOf, strokeWidth: 1.5 }),
      Plot.line(cells, { x: beside, y: 'mean', z: 'method', stroke: colourOf, strokeWidth: 2 }),
      Plot.dot(cells, { x: beside, y: 'mean', r: 4, symbol: symbolOf, fill: colourOf, stroke: colourOf }),
    ],
  });
}

const colourOf = ({ method }: { method: Method }) => MARKS[method].colour;
const symbolOf = ({ method }: { method: Method }) => MARKS[method].symbol;

/** A picture within another one. */
function place(svg: Element, x: number, y: number): Element {
  svg.setAttribute('x', String(x));
  svg.setAttribute('y', String(y));
  return svg;
}
