/** `--boxes NAME --scores NAME`, each with or without columns: `output0[0:4]`; of detectors with an output for each level, `NAME,NAME,NAME`. */
import { GnSwapError } from '../../../errors.ts';
import { plural } from '../../../words.ts';
import type { Output } from '../../tasks/types.ts';
import type { BoxFormat } from '../formats.ts';
import type { Columns } from '../table.ts';
import type { RoleFinder } from './types.ts';

const BOX = 4;
/** More columns than this are rows: boxes have 4, scores one a class. */
const WIDEST = 1000;

export const named: RoleFinder = (outputs, { options, evidence }, asked) => {
  const { boxes, scores, boxFormat } = options;
  if (!asked || (boxes === undefined && scores === undefined)) return undefined;
  if (boxes === undefined) throw alone('scores', 'boxes');
  const places = parse(boxes, 'boxes', outputs);
  const isTurned = turned(places);
  const box = places.map((it) => boxColumns(it, boxFormat, isTurned));
  const [first] = places as [Place, ...Place[]];
  const ranks = places.some(({ output }) => evidence.ranks(output.name));
  const common = {
    boxes: box,
    rows: ranks ? ('found' as const) : ('anchors' as const),
    beside: [],
    why: `--boxes names ${places.map(({ output }) => output.name).join(', ')}`,
  };
  if (scores === undefined) return { ...common, scores: [], objectness: false };
  const others = parse(scores, 'scores', outputs);
  const areTurned = turned(others);
  const columns = others.map((it) => {
    const isSame = it.output.name === first.output.name;
    return columnsOf(it, { from: isSame ? BOX : 0, to: widthOf(it.output, areTurned) }, 'scores', areTurned);
  });
  const isWide = columns.every(({ from, to }) => to - from > 1);
  return { ...common, scores: columns, objectness: boxFormat === 'yolox' && isWide };
};

interface Place {
  readonly output: Output;
  readonly from?: number;
  readonly to?: number;
}

function parse(text: string, option: string, outputs: readonly Output[]): Place[] {
  const whole = placeOf(text, outputs);
  if (whole !== undefined) return [whole];
  return text.split(',').map((part) => {
    const place = placeOf(part.trim(), outputs);
    if (place !== undefined) return place;
    const [, name = part] = COLUMNS.exec(part) ?? [];
    const list = outputs.map((it) => JSON.stringify(it.name)).join(', ');
    throw new GnSwapError('invalid-arguments', `--${option} names ${JSON.stringify(name)}; the outputs are ${list}`, {
      remedy: 'Name an output, with columns if it holds more: output0[0:4]',
    });
  });
}

const COLUMNS = /^(.*)\[(\d{1,9}):(\d{1,9})\]$/;

function placeOf(text: string, outputs: readonly Output[]): Place | undefined {
  const [, name = text, from, to] = COLUMNS.exec(text) ?? [];
  const output = outputs.find((it) => it.name === name) ?? outputs.find((it) => it.name === text);
  if (output === undefined) return undefined;
  return from === undefined ? { output } : { output, from: Number(from), to: Number(to) };
}

function alone(given: string, missing: string): GnSwapError {
  return new GnSwapError('invalid-arguments', `--${given} is given without --${missing}`, {
    remedy: `Name the output that holds ${missing} with --${missing}`,
  });
}

/** Distances may be distributions: then a multiple of four columns stands for four numbers. */
function boxColumns(place: Place, format: BoxFormat | undefined, isTurned: boolean): Columns {
  const to = format === 'ltrb' ? widthOf(place.output, isTurned) : BOX;
  const columns = columnsOf(place, { from: 0, to }, 'boxes', isTurned);
  const width = columns.to - columns.from;
  if (width === BOX) return columns;
  if (format !== 'ltrb') {
    throw new GnSwapError('invalid-arguments', `--boxes names ${plural(width, 'column')}, and a box has ${BOX}`, {
      node: columns.output,
      remedy: 'Name its four columns, from the first to the one after the last: output0[0:4]',
    });
  }
  if (width % BOX === 0) return { ...columns, bins: width / BOX };
  throw new GnSwapError('invalid-arguments', `--boxes names ${width} columns, which are not four distances`, {
    node: columns.output,
    remedy: 'Name the columns of four distances, each a number or as many as its distribution has: output0[80:112]',
  });
}

function columnsOf(
  { output, from: first, to: last }: Place,
  plain: { readonly from: number; readonly to: number },
  option: string,
  isTurned: boolean,
): Columns {
  const { name, dims } = output;
  const [from, to] = [first ?? plain.from, last ?? plain.to];
  const width = widthOf(output, isTurned);
  if (from >= to || to > width) {
    throw new GnSwapError('invalid-arguments', `--${option} asks for columns ${from} to ${to}; ${name} has ${width}`, {
      node: name,
      remedy: 'Name existing columns, from the first to the one after the last: output0[0:4]',
    });
  }
  const columns = { output: name, from, to };
  if (dims.length === 4) return { ...columns, layout: 'maps', each: width };
  if (dims.length === 1) return { ...columns, layout: 'r' };
  if (dims.length === 2) return { ...columns, layout: 'rc' };
  return { ...columns, layout: isTurned ? 'ncr' : 'nrc' };
}

function widthOf({ dims }: Output, isTurned: boolean): number {
  if (dims.length === 1) return 1;
  if (dims.length === 4) return dims[1] ?? 1;
  return (dims.length === 3 && isTurned ? dims[1] : dims.at(-1)) ?? 1;
}

/** Whether tables hold their rows side by side. Levels are as wide as each other; else rows are many, and columns are few. */
function turned(places: readonly Place[]): boolean {
  const tables = places.map(({ output }) => output.dims).filter((dims) => dims.length === 3);
  const [one, other] = [1, 2].map((axis) => new Set(tables.map((dims) => dims[axis])).size);
  if (one !== other) return one === 1;
  const [, a = 0, b = 0] = tables[0] ?? [];
  return a < b && (b > WIDEST || a >= BOX);
}
