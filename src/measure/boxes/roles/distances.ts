/**
 * Boxes as distributions over distances, beside scores, one row for each cell: GFL (arXiv:2006.04388), NanoDet and PicoDet before their
 * decoding, and the YOLOs from 8 on. Each distance has so many columns, so a box has 4 times as many.
 *
 * 1. One table: some columns that a Sigmoid made, and before or behind them those of a layer.
 * 2. A pair of tables, or of maps, for each level.
 */
import { isFloat } from '../../../onnx/data-type.ts';
import { pictureSize } from '../../picture-size.ts';
import type { Context, Output } from '../../tasks/types.ts';
import { cellsOfLevels } from '../grid.ts';
import type { Columns } from '../table.ts';
import type { RoleFinder, Roles } from './types.ts';

/** Fewer columns for a distance are no distribution that anybody trains. */
const FEWEST = 4;
/** Columns for a distance in detectors that were published; as many anchors a cell are unheard of. */
const USUAL: ReadonlySet<number> = new Set([8, 16, 17, 32, 33]);
const BOXES = /box|bbox|loc|reg|dis/i;

export const distances: RoleFinder = (outputs, context) => {
  const floats = outputs.filter(({ type, dims }) => isFloat(type) && (dims.length === 3 || dims.length === 4));
  for (const output of floats) {
    const roles = oneTable(output, context);
    if (roles !== undefined) return { ...roles, beside: namesBut(outputs, [output.name]) };
  }
  return pairs(floats, outputs, context);
};

/** 1. */
function oneTable({ name, dims }: Output, { evidence, first }: Context): Roles | undefined {
  if (dims.length !== 3) return undefined;
  for (const axis of [2, 1]) {
    const segments = evidence.segments(name, axis);
    const width = dims[axis] ?? 0;
    const isScores = segments.map(({ made }) => made === 'sigmoid');
    const split = isScores.indexOf(!isScores[0]);
    const isTwo = split > 0 && isScores.slice(split).every((it) => it === isScores[split]);
    if (!isTwo || segments.some(({ made }) => made !== 'sigmoid' && made !== 'linear')) continue;
    const at = segments.slice(0, split).reduce((sum, { size = Number.NaN }) => sum + size, 0);
    if (!(at > 0 && at < width)) continue;
    const layout = axis === 2 ? 'nrc' : 'ncr';
    const parts: readonly Columns[] = [
      { output: name, layout, from: 0, to: at },
      { output: name, layout, from: at, to: width },
    ];
    const [scores, boxes] = (isScores[0] ? parts : parts.toReversed()) as [Columns, Columns];
    const bins = binsOf(boxes.to - boxes.from);
    if (bins === undefined || !areCells([dims[3 - axis] ?? 0], first, false)) continue;
    return {
      boxes: [{ ...boxes, bins }],
      scores: [scores],
      ...COMMON,
      kind: 'probability',
      why: `a Sigmoid produces columns ${scores.from} to ${scores.to - 1} of ${name}, and the others are ${bins} for each of four distances`,
    };
  }
  return undefined;
}

/** 2. */
function pairs(floats: readonly Output[], all: readonly Output[], context: Context): Roles | undefined {
  const found = floats.flatMap((boxes) => {
    const scores = floats.find((it) => it !== boxes && isPartner(boxes, it, context));
    return scores === undefined ? [] : [{ boxes, scores }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const widths = new Set(found.flatMap(({ boxes, scores }) => [`${widthOf(boxes)} ${widthOf(scores)}`]));
  const bins = binsOf(widthOf(first.boxes));
  const isMaps = first.boxes.dims.length === 4;
  const counts = found.map(({ boxes }) => rowsOf(boxes));
  if (bins === undefined || widths.size > 1 || !areCells(counts, context.first, isMaps)) return undefined;
  const madeOf = ({ name }: Output) => context.evidence.made(name, isMaps ? 1 : 2);
  return {
    boxes: found.map(({ boxes }) => ({ ...columnsOf(boxes), bins })),
    scores: found.map(({ scores }) => columnsOf(scores)),
    ...COMMON,
    kind: found.every(({ scores }) => madeOf(scores) === 'sigmoid') ? 'probability' : 'logit',
    beside: namesBut(
      all,
      found.flatMap(({ boxes, scores }) => [boxes.name, scores.name]),
    ),
    why: `${bins} columns for each of four distances in ${first.boxes.name}, and scores in ${first.scores.name}`,
  };
}

const COMMON = { objectness: false, rows: 'anchors', format: 'ltrb', beside: [] } as const;

/** As many rows, and a width of four distributions beside one of scores. */
function isPartner(boxes: Output, scores: Output, { evidence }: Context): boolean {
  const [own, other] = [boxes.dims, scores.dims];
  const axis = own.length === 4 ? 1 : 2;
  if (own.length !== other.length || own.some((dim, index) => index !== axis && dim !== other[index])) return false;
  const bins = binsOf(widthOf(boxes));
  if (bins === undefined || evidence.made(boxes.name, axis) !== 'linear') return false;
  const made = evidence.made(scores.name, axis);
  const isNamed = made === 'linear' && BOXES.test(boxes.name) && !BOXES.test(scores.name);
  // Maps of several anchors a cell have as many boxes as anchors.
  return (made === 'sigmoid' || isNamed) && (USUAL.has(bins) || widthOf(scores) % bins !== 0);
}

function binsOf(width: number): number | undefined {
  return width % 4 === 0 && width / 4 >= FEWEST ? width / 4 : undefined;
}

/** Whether rows are the cells of usual grids, one for each. */
function areCells(counts: readonly number[], { inputs }: Context['first'], isMaps: boolean): boolean {
  const size = pictureSize(inputs);
  const cells = size && cellsOfLevels(counts, size.height, size.width, isMaps);
  return cells !== undefined && cells[0] !== cells[1];
}

function widthOf({ dims }: Output): number {
  return (dims.length === 4 ? dims[1] : dims[2]) ?? 0;
}

function rowsOf({ dims }: Output): number {
  const [, a = 0, b = 0, c = 0] = dims;
  return dims.length === 4 ? b * c : a;
}

function columnsOf(output: Output): Columns {
  const width = widthOf(output);
  const columns = { output: output.name, from: 0, to: width };
  return output.dims.length === 4 ? { ...columns, layout: 'maps', each: width } : { ...columns, layout: 'nrc' };
}

function namesBut(outputs: readonly Output[], used: readonly string[]): string[] {
  return outputs.map(({ name }) => name).filter((name) => !used.includes(name));
}
