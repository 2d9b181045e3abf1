/** The results as Markdown tables: a row a method, a column a batch. */
import { type Cell, cellsOf, METHODS, type Method, type Run } from './results.ts';

/** Mean over the seeds, and in brackets the least and the most. The best mean of a column is bold. */
export function qualityTable(cells: readonly Cell[]): string {
  const before = (method: Method) => digits(cells.find((cell) => cell.method === method)?.before as number);
  return tableOf(cells, 'before', before, (cell) => {
    const best = Math.max(...cells.filter(({ batch }) => batch === cell.batch).map(({ mean }) => shown(mean)));
    const mean = shown(cell.mean) === best ? `**${digits(cell.mean)}**` : digits(cell.mean);
    return `${mean} (${digits(cell.least)}–${digits(cell.most)})`;
  });
}

/** The rate that the search chose. */
export function rateTable(cells: readonly Cell[]): string {
  return tableOf(cells, undefined, undefined, ({ rate }) => rate.toExponential(1));
}

/** BatchNormalization in training mode, answered by its running statistics and by those of a batch: means over the seeds. */
export function byBatchTable(cells: readonly Cell[]): string {
  const own = cells.filter(({ byBatch }) => byBatch !== undefined);
  const rows = [
    ['', ...own.map(({ batch }) => `batch ${batch}`)],
    ['---', ...own.map(() => '---:')],
    ['by its running statistics', ...own.map(({ mean }) => digits(mean))],
    ['by those of a batch of that size', ...own.map(({ byBatch }) => digits(byBatch as number))],
  ];
  return markdownOf(rows);
}

/** What each method reaches by rate on the validation data with seed 0, and on the test data with the best of them. */
export function byRateTable(runs: readonly Run[]): string {
  const rates = [...new Set(runs.map(({ rate }) => rate))].sort((a, b) => a - b);
  const header = ['', ...rates.map((rate) => `rate ${rate.toExponential(0)}`), 'with the best'];
  const rows = cellsOf(runs).map(({ method, mean, least, most }) => {
    const byRate = rates.map((rate) => {
      const searched = runs.find((run) => run.method === method && run.rate === rate && run.seed === 0);
      return searched === undefined ? '–' : digits(searched.validation);
    });
    return [METHODS[method], ...byRate, `${digits(mean)} (${digits(least)}–${digits(most)})`];
  });
  return markdownOf([header, header.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]);
}

function tableOf(
  cells: readonly Cell[],
  heading: string | undefined,
  first: ((method: Method) => string) | undefined,
  show: (cell: Cell) => string,
): string {
  const batches = [...new Set(cells.map(({ batch }) => batch))].sort((a, b) => a - b);
  const methods = [...new Set(cells.map(({ method }) => method))];
  const header = ['', ...(heading === undefined ? [] : [heading]), ...batches.map((batch) => `batch ${batch}`)];
  const rows = methods.map((method) => {
    const scores = batches.map((batch) => {
      const cell = cells.find((it) => it.method === method && it.batch === batch);
      return cell === undefined ? '–' : show(cell);
    });
    return [METHODS[method], ...(first === undefined ? [] : [first(method)]), ...scores];
  });
  return markdownOf([header, header.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]);
}

function markdownOf(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const digits = (score: number) => score.toFixed(3);

/** As it is printed: what looks the same is equally good. */
const shown = (score: number) => Number(digits(score));
