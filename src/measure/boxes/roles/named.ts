/** `--boxes NAME --scores NAME`, each with or without columns: `output0[0:4]`. */
import { GnSwapError } from '../../../errors.ts';
import type { Output } from '../../tasks/types.ts';
import type { Columns, Layout } from '../table.ts';
import type { RoleFinder } from './types.ts';

/** More columns than this are rows: boxes have 4, scores one a class. */
const WIDEST = 1000;

export const named: RoleFinder = (outputs, { options, evidence }, asked) => {
  const { boxes, scores, boxFormat } = options;
  if (!asked || (boxes === undefined && scores === undefined)) return undefined;
  if (boxes === undefined) throw alone('scores', 'boxes');
  const place = parse(boxes, 'boxes', outputs);
  const box = columnsOf(place.output, place.from ?? 0, place.to ?? 4, 'boxes');
  if (scores === undefined) {
    return { boxes: [box], scores: [], objectness: false, ...common(place.output, evidence.ranks(box.output)) };
  }
  const score = parse(scores, 'scores', outputs);
  const isSame = score.output === place.output;
  const width = widthOf(score.output);
  const columns = columnsOf(score.output, score.from ?? (isSame ? 4 : 0), score.to ?? width, 'scores');
  return {
    boxes: [box],
    scores: [columns],
    objectness: boxFormat === 'yolox' && columns.to - columns.from > 1,
    ...common(place.output, evidence.ranks(box.output)),
  };
};

function common({ name }: Output, ranks: boolean) {
  return { rows: ranks ? ('found' as const) : ('anchors' as const), beside: [], why: `--boxes names ${name}` };
}

function parse(
  text: string,
  option: string,
  outputs: readonly Output[],
): { output: Output; from?: number; to?: number } {
  const [, name = text, from, to] = /^(.*)\[(\d{1,9}):(\d{1,9})\]$/.exec(text) ?? [];
  const output = outputs.find((it) => it.name === name) ?? outputs.find((it) => it.name === text);
  if (output === undefined) {
    const list = outputs.map((it) => JSON.stringify(it.name)).join(', ');
    throw new GnSwapError('invalid-arguments', `--${option} names ${JSON.stringify(name)}; the outputs are ${list}`, {
      remedy: 'Name an output, with columns if it holds more: output0[0:4]',
    });
  }
  return from === undefined ? { output } : { output, from: Number(from), to: Number(to) };
}

function alone(given: string, missing: string): GnSwapError {
  return new GnSwapError('invalid-arguments', `--${given} is given without --${missing}`, {
    remedy: `Name the output that holds ${missing} with --${missing}`,
  });
}

function columnsOf({ name, dims }: Output, from: number, to: number, option: string): Columns {
  const width = widthOf({ dims });
  if (from >= to || to > width) {
    throw new GnSwapError('invalid-arguments', `--${option} asks for columns ${from} to ${to}; ${name} has ${width}`, {
      node: name,
      remedy: 'Name existing columns, from the first to the one after the last: output0[0:4]',
    });
  }
  return { output: name, layout: layoutOf(dims), from, to };
}

function layoutOf(dims: readonly number[]): Layout {
  if (dims.length === 1) return 'r';
  if (dims.length === 2) return 'rc';
  return isTransposed(dims) ? 'ncr' : 'nrc';
}

function widthOf({ dims }: Pick<Output, 'dims'>): number {
  if (dims.length === 1) return 1;
  return (dims.length === 3 && isTransposed(dims) ? dims[1] : dims.at(-1)) ?? 1;
}

/** Rows are many, columns are few. */
function isTransposed([, a = 0, b = 0]: readonly number[]): boolean {
  return a < b && (b > WIDEST || a >= 4);
}
