import type { Times } from './in-turn.ts';
import { BATCH } from './norms.ts';

/** A Markdown table: milliseconds, and how often BatchNormalization’s; the least of a row but for that is bold. */
export function renderTimes(head: string, rows: readonly Times[]): string {
  const names = [...new Set(rows.flatMap(({ milliseconds }) => [...milliseconds.keys()]))];
  const lines = rows.map(({ on, milliseconds }) => {
    const own = milliseconds.get(BATCH) ?? Number.NaN;
    const least = Math.min(...[...milliseconds].filter(([name]) => name !== BATCH).map(([, time]) => time));
    const cells = names.map((name) => {
      const time = milliseconds.get(name);
      if (time === undefined) return '–';
      const text = name === BATCH ? figure(time) : `${figure(time)} (${(time / own).toFixed(1)})`;
      return time === least && name !== BATCH ? `**${text}**` : text;
    });
    return [on, ...cells];
  });
  const rule = ['---', ...names.map(() => '---:')];
  return [[head, ...names.map((it) => `${it}, ms`)], rule, ...lines]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** Three digits. */
function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
