/** What a rewrite changed in numbers: nodes by operator, parameters, bytes. Only operators whose count changed are shown. */
import type { Outcome } from '../jobs/outcome.ts';
import { bytes, grouped, printable, table } from './format.ts';

/** A count before and after. */
export interface Changed {
  readonly before: number;
  readonly after: number;
}

/** A row, its counts as text. */
export type ChangeRow = readonly [what: string, before: string, after: string];

/** Returns the counts of every operator of either model, by name. */
export function operatorCounts({ change }: Outcome): (Changed & { readonly operator: string })[] {
  if (change === undefined) return [];
  const { before, after } = change;
  const names = [...new Set([...before.operators.keys(), ...after.operators.keys()])].sort();
  return names.map((operator) => ({
    operator,
    before: before.operators.get(operator) ?? 0,
    after: after.operators.get(operator) ?? 0,
  }));
}

/** Returns the rows of the table; none if nothing was rewritten. */
export function changeRows(outcome: Outcome): ChangeRow[] {
  const { change, model, outputBytes } = outcome;
  if (change === undefined) return [];
  const { before, after } = change;
  const count = (value: number) => (value === 0 ? '–' : grouped(value));
  const changed = operatorCounts(outcome).filter((it) => it.before !== it.after);
  const rows: ChangeRow[] = changed.map((it) => [it.operator, count(it.before), count(it.after)]);
  rows.push(['all nodes', count(before.nodes), count(after.nodes)]);
  rows.push(['parameters', count(before.parameters), count(after.parameters)]);
  if (outputBytes !== undefined) rows.push(['.onnx file', bytes(model?.bytes ?? 0), bytes(outputBytes)]);
  return rows;
}

/** Returns the table as lines. */
export function changeLines(outcome: Outcome): string[] {
  const rows = changeRows(outcome).map(([what, before, after]) => [printable(what), before, after]);
  return rows.length === 0 ? [] : table([['operator', 'before', 'after'], ...rows], [1, 2]);
}
