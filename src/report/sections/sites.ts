/** Every site, with all that is known of it. */
import { dataTypeName } from '../../onnx/data-type.ts';
import type { SitePlan } from '../../plan.ts';
import type { Cell, Column } from '../blocks.ts';
import { figure, placeOf, ratio } from '../figures.ts';
import { plural } from '../format.ts';
import type { Outcome } from '../types.ts';
import type { Section } from './types.ts';

/** Fewer are seen at a glance. */
const LEAST_TO_SORT = 4;

export const sites: Section = {
  name: 'sites',
  title: 'Sites',
  wide: true,
  blocks(outcome) {
    const list = outcome.plan?.sites ?? [];
    if (list.length === 0) return [];
    const failed = new Set(outcome.verification?.sites.filter((it) => it.failed.length > 0).map(({ name }) => name));
    const all = columnsOf(outcome);
    const common = all.filter(({ mayBeCommon, cell }) => mayBeCommon && new Set(list.map(cell)).size === 1);
    const columns = list.length === 1 ? all : all.filter((column) => !common.includes(column));
    const shared = list.length === 1 ? [] : common.map(({ label, cell }) => `${label} ${cell(list[0] as SitePlan, 0)}`);
    return [
      {
        kind: 'table',
        caption: [`${plural(list.length, 'site')}, in the order of the model`, ...shared].join('; '),
        columns,
        rows: list.map((it, index) => ({
          cells: columns.map(({ cell }) => cell(it, index)),
          ...(failed.has(it.site.name) ? { tone: 'bad' as const } : {}),
        })),
        live: list.length >= LEAST_TO_SORT,
      },
    ];
  },
};

interface SiteColumn extends Column {
  cell(it: SitePlan, index: number): Cell;
  /** Whether it is left out where all sites have the same: the caption tells it then. */
  readonly mayBeCommon?: boolean;
}

function columnsOf({ verification, calibration }: Outcome): SiteColumn[] {
  const verified = new Map(verification?.sites.map((it) => [it.name, it]));
  const fits = new Map(calibration?.fits.map((it) => [it.name, it]));
  const drifts = new Map(verification?.observed?.sites.map((it) => [it.name, it]));
  const columns: SiteColumn[] = [
    { label: '#', numeric: true, cell: (_, index) => String(index + 1) },
    { label: 'site', cell: ({ site }) => placeOf(site) },
    { label: 'op', mayBeCommon: true, cell: ({ site }) => site.node.opType },
    { label: 'type', mayBeCommon: true, cell: ({ site }) => dataTypeName(site.elementType) },
    { label: 'input', cell: ({ site }) => shapeText(verified.get(site.name)?.dims, site.shape) },
    { label: 'channels', numeric: true, cell: ({ channels }) => String(channels) },
    { label: 'groups', numeric: true, cell: ({ groups }) => String(groups) },
    { label: 'form', mayBeCommon: true, cell: ({ form }) => form },
    { label: 'init', mayBeCommon: true, cell: ({ init }) => init },
  ];
  if (fits.size > 0)
    columns.push({ label: 'R²', numeric: true, cell: ({ site }) => number(fits.get(site.name)?.r2, ratio) });
  if (drifts.size > 0) {
    columns.push(
      { label: 'difference', numeric: true, cell: ({ site }) => number(drifts.get(site.name)?.relative) },
      { label: 'cosine', numeric: true, cell: ({ site }) => number(drifts.get(site.name)?.cosine, ratio) },
    );
  }
  if (verification !== undefined) {
    columns.push(
      { label: 'error', numeric: true, cell: ({ site }) => number(verified.get(site.name)?.reference.error) },
      { label: 'bound', numeric: true, cell: ({ site }) => number(verified.get(site.name)?.reference.bound) },
      { label: 'checks', cell: ({ site }) => statusOf(verified.get(site.name)?.failed) },
    );
  }
  return columns;
}

function number(value: number | undefined, spell: (value: number) => string = figure): Cell {
  return value === undefined ? '–' : { text: spell(value), sort: value };
}

function statusOf(failed: readonly string[] | undefined): string {
  if (failed === undefined) return '–';
  return failed.length === 0 ? 'passed' : `failed: ${failed.join(', ')}`;
}

/** Of the run where there was one. */
function shapeText(dims: readonly number[] | undefined, shape: readonly (number | undefined)[] | undefined): string {
  const known = dims === undefined || dims.length === 0 ? shape : dims;
  return known === undefined ? '–' : known.map((dim) => dim ?? '?').join('×');
}
