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

function planned({ sites }: Plan): SiteColumn[] {
  const all = sites.map(({ site, channels, groups, form, init }) => ({
    site: placeOf(site),
    op: site.node.opType,
    type: dataTypeName(site.elementType),
    form,
    init,
    channels: String(channels),
    groups: String(groups),
  }));
  const text = (label: 'op' | 'type' | 'form' | 'init'): SiteColumn => ({
    label,
    mayBeCommon: true,
    cell: (index) => all[index]?.[label] ?? '',
  });
  const number = (label: 'channels' | 'groups'): SiteColumn => ({
    label,
    numeric: true,
    cell: (index) => all[index]?.[label] ?? '',
  });
  return [
    { label: 'site', cell: (index) => all[index]?.site ?? '' },
    ...[text('op'), text('type'), number('channels'), number('groups'), text('form'), text('init')],
  ];
}

function checked({ sites }: CheckReport): SiteColumn[] {
  const all = sites.map(({ name, norm, record, state }) => ({
    site: placeOf({ name, path: norm.path }),
    type: dataTypeName(norm.elementType),
    form: norm.form,
    channels: String(norm.channels),
    groups: String(norm.groups),
    ε: String(Number(norm.epsilon.toPrecision(6))),
    'γ and β': record === undefined && state === 'unknown' ? 'not recorded' : state,
  }));
  const text = (label: 'type' | 'form' | 'ε' | 'γ and β'): SiteColumn => ({
    label,
    mayBeCommon: true,
    cell: (index) => all[index]?.[label] ?? '',
  });
  const number = (label: 'channels' | 'groups'): SiteColumn => ({
    label,
    numeric: true,
    cell: (index) => all[index]?.[label] ?? '',
  });
  return [
    { label: 'site', cell: (index) => all[index]?.site ?? '' },
    ...[text('type'), number('channels'), number('groups'), text('form'), text('ε'), text('γ and β')],
  ];
}

function measured(outcome: Outcome): SiteColumn[] {
  const names = siteNames(outcome);
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
    cell: (index: number) => cellOf(of(names[index] ?? ''), spell),
  });
  const shapes =
    outcome.plan?.sites.map(({ site }) => site.shape) ?? outcome.check?.sites.map(({ norm }) => norm.shape);
  const columns: SiteColumn[] = [
    { label: 'input', cell: (index) => shapeText(verified.get(names[index] ?? '')?.dims, shapes?.[index]) },
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
      { label: 'checks', cell: (index) => statusOf(verified.get(names[index] ?? '')?.failed) },
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
