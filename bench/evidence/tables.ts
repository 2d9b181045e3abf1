/** Raw results → tables of Markdown. */
import { rowNamed } from '../../src/jobs/compare-finetune/rows.ts';
import { ROW_NAMES, type RowName } from '../../src/options/rows.ts';
import { type At, isAt, type Line, type RunLine, runsOf } from './lines.ts';

/** Scores of a row in one place: after training, or of the model as it is. */
export function scoresOf(runs: readonly RunLine[], row: RowName, batch: number): number[] {
  if (row !== 'none') return runs.filter((it) => it.row === row && it.batch === batch).map(({ after }) => after);
  const source = runs.filter((it) => rowNamed(it.row).kind === 'source' && it.batch === batch);
  return source.filter((it) => it.row === source[0]?.row).map(({ before }) => before);
}

/** The runs of one comparison. */
export function runsAt(lines: readonly Line[], at: Omit<At, 'tested'>): RunLine[] {
  return runsOf(lines).filter((it) => isAt(it, at));
}

/** Rows by batches. */
export function tableOf(lines: readonly Line[], at: Omit<At, 'tested'>): string {
  const runs = runsAt(lines, at);
  const batches = [...new Set(runs.map(({ batch }) => batch))].sort((a, b) => a - b);
  const rows = ROW_NAMES.filter((row) => batches.some((batch) => scoresOf(runs, row, batch).length > 0));
  const cells = rows.map((row) => [
    rowNamed(row).title,
    ...batches.map((batch) => rangeText(scoresOf(runs, row, batch))),
  ]);
  return markdown(['row', ...batches.map((batch) => `batch ${batch}`)], cells);
}

/** Mean, and the least and most. */
export function rangeText(scores: readonly number[]): string {
  if (scores.length === 0) return '–';
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  const range = least === most ? '' : ` (${least.toFixed(3)}–${most.toFixed(3)})`;
  return `${meanOf(scores).toFixed(3)}${range}`;
}

export function meanOf(scores: readonly number[]): number {
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** A table whose first column is text. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
