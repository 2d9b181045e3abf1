/** A comparison by training → lines of text, and the cells that a report file shows as well. */
import type { ComparedRow } from '../jobs/compare-finetune/types.ts';
import type { TrainingFacts } from '../jobs/outcome.ts';
import { plural } from '../words.ts';
import { printable, table } from './format.ts';
import type { TextStyle } from './terminal.ts';

/** Heads of the columns, and the cells of each row: scores batch by batch, then their rates. */
export function trainingCells({ rows, batches }: TrainingFacts): { head: string[]; cells: string[][] } {
  const columns = batches.map((batch) => `batch ${batch}`);
  const first = rows.filter(({ batch }) => batch === batches[0]);
  const cells = first.map((row) => {
    const own = batches.map((batch) => rows.find((it) => it.name === row.name && it.batch === batch));
    return [row.title, row.before === null ? '–' : row.before.toFixed(3), ...own.map(scoresOf), ratesOf(own)];
  });
  const differ = cells.some((row) => row.at(-1)?.includes(', '));
  return { head: ['row', 'before', ...columns, differ ? 'rates' : 'rate'], cells };
}

/** Why rows are missing, one line for each reason. */
export function trainingRefusals({ rows }: TrainingFacts): string[] {
  const titles = new Map<string, Set<string>>();
  const isPartly = ({ name }: ComparedRow) => rows.some((it) => it.name === name && it.refused === null);
  for (const row of rows) {
    const { title, batch, refused } = row;
    if (refused === null) continue;
    const why = `${refused.reason}${refused.remedy === undefined ? '' : `. ${refused.remedy}`}`;
    titles.set(why, (titles.get(why) ?? new Set()).add(isPartly(row) ? `${title} at batch ${batch}` : title));
  }
  return [...titles].map(([why, names]) => `${[...names].join(', ')}: ${why}`);
}

/** What was compared on what, in a sentence. */
export function trainingSetting({ task, measure, samples, epochs, seeds }: TrainingFacts): string {
  const { train, choose, measure: measured, calibrate } = samples;
  return `task ${task}, ${measure} on ${plural(measured, 'sample')} that choose nothing; ${plural(epochs, 'epoch')} of ${plural(train, 'sample')}, ${choose} choose rate and epoch, ${calibrate} for calibration; ${plural(seeds, 'seed')}`;
}

/** The advice for each batch; for one batch, without saying which. */
export function trainingAdvice({ advice, batches }: TrainingFacts): string[] {
  return advice.map(({ batch, sentence }) => (batches.length === 1 ? sentence : `Batch ${batch}: ${sentence}`));
}

/** The advice, the table, what is missing, and what to type. */
export function trainingLines(facts: TrainingFacts, { colors, verbose }: TextStyle): string[] {
  const { head, cells } = trainingCells(facts);
  const lines = [...trainingAdvice(facts).map((it) => colors.bold(printable(it))), ''];
  if (facts.interrupted)
    lines.push(`${colors.yellow('interrupted')}: only some runs are finished, so there is no advice`, '');
  lines.push(
    trainingSetting(facts),
    '',
    ...table(
      [head, ...cells],
      head.slice(1).map((_, index) => index + 1),
    ),
  );
  const refusals = trainingRefusals(facts);
  if (refusals.length > 0) lines.push('', ...refusals.map((it) => `${colors.yellow('left')}: ${printable(it)}.`));
  for (const note of facts.notes) lines.push(`note: ${printable(note)}.`);
  const { skipped } = facts;
  if (skipped.length > 0) {
    lines.push(`${colors.yellow('warning')}: ${plural(skipped.length, 'file')} could not be used in full:`);
    const shown = verbose ? skipped : skipped.slice(0, 3);
    lines.push(...shown.map(({ file, reason }) => `  ${printable(file)}: ${printable(reason)}`));
  }
  if (facts.commands.length > 0)
    lines.push('', ...facts.commands.map((it, index) => `${index === 0 ? 'next' : 'then'}: ${printable(it)}`));
  return lines;
}

/** The rate of each batch; one if all are the same. */
function ratesOf(rows: readonly (ComparedRow | undefined)[]): string {
  const rates = rows.map((row) => String(row?.rate ?? '–'));
  return new Set(rates).size === 1 ? (rates[0] ?? '–') : rates.join(', ');
}

/** Mean, and the least and most over the seeds. */
function scoresOf(row: ComparedRow | undefined): string {
  const scores = row?.scores ?? [];
  if (scores.length === 0) return '–';
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  return least === most ? mean.toFixed(3) : `${mean.toFixed(3)} (${least.toFixed(3)}–${most.toFixed(3)})`;
}
