/** A detector that chooses rows → the roles of what it chooses from. */

import type { Roles } from '../../measure/boxes/roles/types.ts';
import type { Columns } from '../../measure/boxes/table.ts';
import type { Evidence } from '../../measure/evidence.ts';
import type { Output } from '../../measure/tasks/types.ts';
import { isFloat } from '../../onnx/data-type.ts';
import type { AllRows } from './all-rows.ts';
import type { Cut } from './cut.ts';

const BOX = 4;

/** Finds boxes of all rows, and the tables that they were chosen by: one, or one for each level. */
export function rolesOfAll(
  outputs: readonly Output[],
  evidence: Evidence,
  { found, formats }: Pick<AllRows, 'found' | 'formats'>,
): Roles | undefined {
  const byName = new Map(outputs.filter(isTable).map((it) => [it.name, it]));
  for (const { boxes, levels } of found) {
    const table = byName.get(boxes);
    if (table === undefined || table.dims.at(-1) !== BOX) continue;
    const rows = table.dims.at(-2) ?? 0;
    const tables = levels.map((names) => names.flatMap((name) => byName.get(name) ?? []));
    const scores = sharedScores(tables, rows, evidence) ?? levelScores(tables, rows, evidence);
    if (scores === undefined) continue;
    const [first] = scores as [Columns];
    return {
      boxes: [columnsOf(table, rows) as Columns],
      scores,
      objectness: false,
      rows: 'anchors',
      format: formats.get(boxes),
      ...scoring(byName.get(first.output) as Output, first, evidence),
      beside: [],
      why: `boxes of all rows in ${boxes}, and scores in ${list(scores)}, which they are chosen by`,
    };
  }
  return undefined;
}

/** One table for all levels. */
function sharedScores(levels: readonly (readonly Output[])[], rows: number, evidence: Evidence): Columns[] | undefined {
  const [first = [], ...others] = levels;
  const shared = first.filter((it) => others.every((own) => own.includes(it)));
  const [best] = likely(
    shared.filter((it) => columnsOf(it, rows) !== undefined),
    evidence,
  );
  return best && [columnsOf(best, rows) as Columns];
}

/** A table for each level, all of them as wide. */
function levelScores(levels: readonly (readonly Output[])[], rows: number, evidence: Evidence): Columns[] | undefined {
  const [first = []] = levels;
  for (const { dims } of likely(first, evidence)) {
    const width = dims.at(-1) ?? 0;
    const own = levels.map((list) => likely(list, evidence).find((it) => it.dims.at(-1) === width));
    const tables = own.filter((it) => it !== undefined);
    const total = tables.reduce((sum, it) => sum + (it.dims.at(-2) ?? 0), 0);
    if (tables.length < levels.length || total !== rows) continue;
    return tables.map((it) => columnsOf(it, it.dims.at(-2) ?? 0) as Columns);
  }
  return undefined;
}

/** Values before a choice of rows have no names that tell, and maybe lie column by column. */
export function rolesBeforeCut(
  outputs: readonly Output[],
  evidence: Evidence,
  { formats, roots }: Pick<Cut, 'formats' | 'roots'>,
): Roles | undefined {
  const tables = outputs.filter(isTable);
  // Scores of four classes are as wide as boxes; a Softmax makes no box, and a Sigmoid seldom.
  for (const boxes of likely(tables, evidence).reverse()) {
    const [a = 0, b = 0] = boxes.dims.slice(-2);
    const rows = b === BOX ? a : a === BOX ? b : 0;
    const own = rows === 0 ? undefined : columnsOf(boxes, rows);
    const others = tables.filter((it) => roots.get(it.name) !== roots.get(boxes.name) && columnsOf(it, rows));
    const [partner] = likely(others, evidence);
    const scores = partner && columnsOf(partner, rows);
    if (own === undefined || partner === undefined || scores === undefined) continue;
    return {
      boxes: [own],
      scores: [scores],
      objectness: false,
      rows: 'anchors',
      format: formats.get(boxes.name),
      ...scoring(partner, scores, evidence),
      beside: [],
      why: `boxes in ${boxes.name} and scores in ${partner.name}, which NonMaxSuppression or a ranking chooses from`,
    };
  }
  return undefined;
}

function isTable({ type, dims }: Output): boolean {
  return isFloat(type) && (dims.length === 2 || dims.length === 3);
}

/** The columns of a table of so many rows; undefined if it has others. */
function columnsOf({ name, dims }: Output, rows: number): Columns | undefined {
  const [a = 0, b = 0] = dims.slice(-2);
  const isRows = a === rows;
  if (!isRows && (b !== rows || dims.length === 2)) return undefined;
  return { output: name, layout: dims.length === 2 ? 'rc' : isRows ? 'nrc' : 'ncr', from: 0, to: isRows ? b : a };
}

/** In the order in which they may be scores: what a Sigmoid or Softmax made, then the widest. */
function likely(tables: readonly Output[], evidence: Evidence): Output[] {
  const rank = (it: Output) => (isChance(it, evidence) ? 0 : 1);
  const width = ({ dims }: Output) => Math.min(...dims.slice(-2));
  return tables.toSorted((a, b) => rank(a) - rank(b) || width(b) - width(a));
}

function isChance({ name, dims }: Output, evidence: Evidence): boolean {
  return [1, 2].some((fromEnd) => ['sigmoid', 'softmax'].includes(evidence.made(name, dims.length - fromEnd)));
}

function scoring({ name, dims }: Output, { layout }: Columns, evidence: Evidence): Pick<Roles, 'kind' | 'background'> {
  const made = evidence.made(name, dims.length - (layout === 'ncr' ? 2 : 1));
  const isChance = made === 'sigmoid' || made === 'softmax';
  return { kind: isChance ? 'probability' : undefined, background: made === 'softmax' };
}

function list(columns: readonly Columns[]): string {
  const [first, ...others] = columns.map(({ output }) => output);
  return others.length === 0 ? `${first}` : `${first} and ${others.length} more levels`;
}
