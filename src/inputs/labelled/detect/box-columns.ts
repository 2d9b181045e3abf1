/** The columns of a table of boxes. */
import { GnSwapError } from '../../../errors.ts';
import type { FileTable } from '../tables.ts';
import { type AnnotatedBox, requireArea } from './annotated.ts';

/** Positions of columns. */
export interface BoxColumns {
  /** Left, top, right and bottom; or left, top, width and height. */
  readonly edges?: readonly [number, number, number, number];
  /** Whether the third and the fourth number are a width and a height. */
  readonly areSides: boolean;
  /** `[x, y, width, height]` in one cell. */
  readonly bbox?: number;
  /** Width and height of the picture. */
  readonly size?: readonly [number, number];
  /** Whether the box is drawn around several objects. */
  readonly group?: number;
  /** All that hold the numbers of a box. */
  readonly used: readonly number[];
}

/** Finds the columns by their names. @throws GnSwapError `invalid-data` if no columns are named as edges of boxes */
export function boxColumns({ header = [], file }: FileTable): BoxColumns {
  const names = header.map((name) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
  const find = (...spellings: readonly string[]) => names.findIndex((name) => spellings.includes(name));
  const [left, top] = [find('xmin', 'x1', 'left'), find('ymin', 'y1', 'top')];
  const [right, bottom] = [find('xmax', 'x2', 'right'), find('ymax', 'y2', 'bottom')];
  const [width, height] = [find('width', 'imagewidth', 'imgwidth'), find('height', 'imageheight', 'imgheight')];
  const bbox = find('bbox', 'box');
  const isGroup = find('isgroupof', 'iscrowd');
  const group = isGroup < 0 ? {} : { group: isGroup };
  const size = width < 0 || height < 0 ? {} : { size: [width, height] as const };
  if ([left, top, right, bottom].every((it) => it >= 0)) {
    return { edges: [left, top, right, bottom], areSides: false, ...size, ...group, used: [left, top, right, bottom] };
  }
  if (bbox >= 0) return { bbox, areSides: true, ...size, ...group, used: [bbox] };
  if (left >= 0 && top >= 0 && size.size !== undefined) {
    return { edges: [left, top, ...size.size], areSides: true, ...group, used: [left, top, ...size.size] };
  }
  throw new GnSwapError('invalid-data', 'it has no columns xmin, ymin, xmax and ymax, and none called bbox', {
    file: `${file.path}:1`,
    remedy:
      'Name the columns in the first line: file,class,xmin,ymin,xmax,ymax; docs/formats.md has scripts for data of other tools',
  });
}

/**
 * Reads the box of a row; undefined if it has none, as of a picture without objects.
 *
 * @throws GnSwapError `invalid-data` naming the line whose box is not four numbers, or has no area
 */
export function edgesIn(
  { cells, place }: FileTable['rows'][number],
  { edges, bbox, areSides }: BoxColumns,
): AnnotatedBox['box'] | undefined {
  const written = edges === undefined ? partsOf(cells[bbox ?? -1] ?? '') : edges.map((column) => cells[column] ?? '');
  if (written.every((it) => it === '')) return undefined;
  const numbers = written.map((it) => (it === '' ? Number.NaN : Number(it)));
  const [left = 0, top = 0, third = 0, fourth = 0] = numbers;
  if (numbers.length !== 4 || !numbers.every(Number.isFinite)) {
    throw new GnSwapError('invalid-data', `its box is not four numbers: ${written.join(', ')}`, {
      file: place,
      remedy: 'Write numbers in pixels with a decimal point, or leave all of them empty for a picture without objects',
    });
  }
  const [right, bottom] = areSides ? [left + third, top + fourth] : [third, fourth];
  const remedy = 'Remove the row, or write xmin and ymin below xmax and ymax';
  return requireArea({ left, top, right, bottom }, place, remedy);
}

/** The numbers of a list, as JSON, Python and NumPy print it. */
function partsOf(cell: string): string[] {
  return cell
    .replaceAll(/[[\]()]/g, ' ')
    .trim()
    .split(/[\s,]+/);
}
