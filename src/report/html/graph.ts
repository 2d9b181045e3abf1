/** Pieces of graphs → SVG, drawn from top to bottom: before and after, side by side where there is room. */
import type { GraphPicture, GraphSide } from '../blocks.ts';
import { printable } from '../format.ts';
import { html, type Markup, trusted } from './markup.ts';

const [BOX, HIGH, ROW, GAP, SIDE] = [156, 28, 48, 16, 56] as const;

/** Names of operators are longer than this in no standard operator. */
const LONGEST = 22;

interface Placed {
  /** Of its centre. */
  readonly x: number;
  /** Of its upper edge. */
  readonly y: number;
  readonly row: number;
}

/** @param id unique on the page */
export function graphFigure({ title, description, sides }: GraphPicture, id: string): Markup {
  const drawn = sides.map(
    (side, index) =>
      html`<div><span>${side.label}</span>${trusted(draw(side, `${id}-${index + 1}`, `${title}, ${side.label}`))}</div>`,
  );
  return html`<figure class="graph"><figcaption><strong>${title}</strong><p>${description}</p></figcaption><div class="sides">${drawn}</div></figure>`;
}

function draw({ nodes, label }: GraphSide, id: string, title: string): string {
  const places = place(nodes);
  const width = 2 * SIDE + Math.max(...rowsOf(places).map((count) => count * (BOX + GAP) - GAP));
  const height = Math.max(...places.map(({ y }) => y)) + HIGH + 2;
  const middle = width / 2;
  const lines = nodes.flatMap(({ reads }, to) => reads.map((from) => edge(places[from], places[to], middle)));
  const boxes = nodes.map(({ op, isOwn }, index) => {
    const { x, y } = places[index] as Placed;
    const left = middle + x - BOX / 2;
    const text = op.length > LONGEST ? `${op.slice(0, LONGEST - 1)}…` : op;
    return html`<rect class="${isOwn ? label : ''}" x="${left}" y="${y}" width="${BOX}" height="${HIGH}" rx="5"/><text x="${middle + x}" y="${y + HIGH / 2}">${text}</text>`
      .text;
  });
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}"><title id="${id}">${html`${printable(title)}`.text}</title>${lines.join('')}${boxes.join('')}</svg>`;
}

/** Puts each node below all that it reads; nodes of one row stand side by side around the middle. */
function place(nodes: GraphSide['nodes']): Placed[] {
  const rows: number[] = [];
  for (const { reads } of nodes) rows.push(Math.max(-1, ...reads.map((from) => rows[from] ?? -1)) + 1);
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  const taken = new Map<number, number>();
  return rows.map((row) => {
    const at = taken.get(row) ?? 0;
    taken.set(row, at + 1);
    return { row, y: 1 + row * ROW, x: (at - ((counts.get(row) ?? 1) - 1) / 2) * (BOX + GAP) };
  });
}

function rowsOf(places: readonly Placed[]): number[] {
  const counts = new Map<number, number>();
  for (const { row } of places) counts.set(row, (counts.get(row) ?? 0) + 1);
  return [...counts.values()];
}

/** A curve from below one box to above another; around the boxes between, where there are some. */
function edge(from: Placed | undefined, to: Placed | undefined, middle: number): string {
  if (from === undefined || to === undefined) return '';
  const [x1, y1, x2, y2] = [middle + from.x, from.y + HIGH, middle + to.x, to.y];
  if (to.row - from.row <= 1) {
    const bend = (y2 - y1) / 2;
    return `<path d="M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}"/>`;
  }
  // A curve goes three quarters of the way to its handles.
  const out = middle + BOX / 2 + Math.min(SIDE - 6, 14 + 6 * (to.row - from.row));
  const [start, end] = [x1 + BOX / 4, x2 + BOX / 4];
  const handle = Math.round((out - (start + end) / 8) / 0.75);
  return `<path d="M${start} ${y1}C${handle} ${y1 + ROW / 2} ${handle} ${y2 - ROW / 2} ${end} ${y2}"/>`;
}
