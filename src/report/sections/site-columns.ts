/** Columns of the table of sites: what is planned or found there, and what was measured. */
import type { CheckReport } from '../../check/index.ts';
import type { Outcome } from '../../jobs/outcome.ts';
import { dataTypeName } from '../../onnx/data-type.ts';
import type { Shape } from '../../onnx/value-type.ts';
import type { Plan } from '../../plan/index.ts';
import type { Cell, Column } from '../blocks.ts';
import { figure, placeOf, ratio } from '../figures.ts';
import { proofOf, siteNames } from '../proof.ts';

export interface SiteColumn extends Column {
  /** @param index of the site */
  cell(index: number): Cell;
  /** Whether it is left out where all sites have the same: the caption tells it then. */
  readonly mayBeCommon?: boolean;
}

/** All that there is something to say in. */
export function columnsOf(outcome: Outcome): SiteColumn[] {
  const { plan, check } = outcome;
  const own = check !== undefined ? checked(check) : plan !== undefined ? planned(plan) : [];
  return [{ label: '#', numeric: true, cell: (index) => String(index + 1) }, ...own, ...measured(outcome)];
}

/** A column with a text for each site. */
function columnOf<T>(
  sites: readonly T[],
  label: string,
  of: (site: T) => string,
  more: Pick<SiteColumn, 'numeric' | 'mayBeCommon'> = {},
): SiteColumn {
  const cells = sites.map(of);
  return { label, ...more, cell: (index) => cells[index] ?? '' };
}

const COMMON = { mayBeCommon: true };
const NUMERIC = { numeric: true };

function planned({ sites }: Plan): SiteColumn[] {
  return [
    columnOf(sites, 'site', ({ site }) => placeOf(site)),
    columnOf(sites, 'op', ({ site }) => site.node.opType, COMMON),
    columnOf(sites, 'type', ({ site }) => dataTypeName(site.elementType), COMMON),
    columnOf(sites, 'channels', ({ channels }) => String(channels), NUMERIC),
    columnOf(sites, 'groups', ({ groups }) => String(groups), NUMERIC),
    columnOf(sites, 'form', ({ form }) => form, COMMON),
    columnOf(sites, 'init', ({ init }) => init, COMMON),
  ];
}

function checked({ sites }: CheckReport): SiteColumn[] {
  return [
    columnOf(sites, 'site', ({ name, norm }) => placeOf({ name, path: norm.path })),
    columnOf(sites, 'type', ({ norm }) => dataTypeName(norm.elementType), COMMON),
    columnOf(sites, 'channels', ({ norm }) => String(norm.channels), NUMERIC),
    columnOf(sites, 'groups', ({ norm }) => String(norm.groups), NUMERIC),
    columnOf(sites, 'form', ({ norm }) => norm.form, COMMON),
    columnOf(sites, 'ε', ({ norm }) => String(Number(norm.epsilon.toPrecision(6))), COMMON),
    columnOf(
      sites,
      'γ and β',
      ({ record, state }) => (record === undefined && state === 'unknown' ? 'not recorded' : state),
      COMMON,
    ),
  ];
}

function measured(outcome: Outcome): SiteColumn[] {
  const names = siteNames(outcome);
  const nameOf = (index: number) => names[index] ?? '';
  const proof = proofOf(outcome);
  const verified = new Map(proof?.sites.map((it) => [it.name, it]));
  const fits = new Map(outcome.calibration?.fits.map((it) => [it.name, it]));
  const drifts = new Map(proof?.observed?.sites.map((it) => [it.name, it]));
  const number = (
    label: string,
    of: (name: string) => number | undefined,
    spell = figure as (value: number) => string,
  ) => ({
    label,
    numeric: true,
    cell: (index: number) => cellOf(of(nameOf(index)), spell),
  });
  const shapes =
    outcome.plan?.sites.map(({ site }) => site.shape) ?? outcome.check?.sites.map(({ norm }) => norm.shape);
  const columns: SiteColumn[] = [
    { label: 'input', cell: (index) => shapeText(verified.get(nameOf(index))?.dims, shapes?.[index]) },
  ];
  if (fits.size > 0) columns.push(number('R²', (name) => fits.get(name)?.r2, ratio));
  if (drifts.size > 0) {
    columns.push(
      number('difference', (name) => drifts.get(name)?.relative),
      number('cosine', (name) => drifts.get(name)?.cosine, ratio),
    );
  }
  if (proof !== undefined) {
    columns.push(
      number('error', (name) => verified.get(name)?.reference.error),
      number('bound', (name) => verified.get(name)?.reference.bound),
      { label: 'checks', cell: (index) => statusOf(verified.get(nameOf(index))?.failed) },
    );
  }
  return columns;
}

function cellOf(value: number | undefined, spell: (value: number) => string): Cell {
  return value === undefined ? '–' : { text: spell(value), sort: value };
}

function statusOf(failed: readonly string[] | undefined): string {
  if (failed === undefined) return '–';
  return failed.length === 0 ? 'passed' : `failed: ${failed.join(', ')}`;
}

/** Of the run where there was one. */
function shapeText(dims: readonly number[] | undefined, shape: Shape | undefined): string {
  const known = dims === undefined || dims.length === 0 ? shape : dims;
  return known === undefined ? '–' : known.map((dim) => dim ?? '?').join('×');
}
