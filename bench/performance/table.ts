/** Measurements as one Markdown table. */
import { bytes } from '../../src/report/format.ts';
import type { Measured } from './measure.ts';

/** One line of it. */
export interface Row {
  readonly what: string;
  readonly measured: Measured;
  /** What its time is divided by, and what the ratio must not exceed. */
  readonly against?: {
    readonly what: string;
    readonly seconds: number;
    readonly ratio: number;
    readonly most?: number;
  };
  /** How many bytes may be resident, and that limit in words. */
  readonly memory?: { readonly most: number; readonly promise: string };
}

const HEAD = ['', 'time', 'against', 'its time', 'ratio', 'promised', 'peak resident', 'promised', 'of it anonymous'];
const TEXT_COLUMNS = new Set([0, 2]);

/** The table. A figure that breaks its promise is bold. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [HEAD, HEAD.map((_, column) => (TEXT_COLUMNS.has(column) ? '---' : '---:')), ...rows.map(cellsOf)];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cellsOf({ what, measured, against, memory }: Row): string[] {
  const { resident, anonymous } = measured;
  return [
    what,
    seconds(measured.seconds),
    ...(against === undefined
      ? ['', '', '', '']
      : [
          against.what,
          seconds(against.seconds),
          judged(against.ratio.toFixed(2), against.ratio, against.most),
          against.most === undefined ? '' : `≤ ${against.most}`,
        ]),
    resident === undefined ? '' : judged(bytes(resident), resident, memory?.most),
    memory === undefined ? '' : `≤ ${memory.promise}`,
    anonymous === undefined ? '' : bytes(anonymous),
  ];
}

function judged(text: string, value: number, most = Number.POSITIVE_INFINITY): string {
  return value <= most ? text : `**${text}**`;
}

/** `47 ms`, `1.23 s`. */
export function seconds(value: number): string {
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(2)} s`;
}
