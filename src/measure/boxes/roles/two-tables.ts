/** Boxes in one output and scores in another, a row for each anchor in both; with several levels, as many pairs. */
import { isFloat } from '../../../onnx/data-type.ts';
import { pictureSize } from '../../picture-size.ts';
import type { Context, Output } from '../../tasks/types.ts';
import { fitsGrid } from '../grid.ts';
import type { Columns } from '../table.ts';
import type { RoleFinder } from './types.ts';

const BOXES = /box|bbox|loc|reg/i;
/** Fewer rows are not anchors: a table of 4 columns may be anything. */
const FEWEST = 10;

export const twoTables: RoleFinder = (outputs, context, asked) => {
  const floats = outputs.filter(({ type, dims }) => isFloat(type) && (dims.length === 2 || dims.length === 3));
  const onlyPair = asked ? pairAlone(floats, context) : undefined;
  if (onlyPair !== undefined) return onlyPair;
  const pairs = floats.flatMap((boxes) => {
    if (boxes.dims.at(-1) !== 4) return [];
    const scores = floats.find((it) => it !== boxes && isPartner(boxes, it, context) && !isExchanged(boxes, it, 2));
    return scores !== undefined && (asked || tells(boxes, scores, context)) ? [{ boxes, scores }] : [];
  });
  const [first] = pairs;
  if (first === undefined || (!asked && (first.boxes.dims.at(-2) ?? 0) < FEWEST)) return undefined;
  const used = pairs.flatMap(({ boxes, scores }) => [boxes, scores]);
  const isMade = (made: string) => madeOf(first.scores, context) === made;
  return {
    boxes: pairs.map(({ boxes }) => columnsOf(boxes)),
    scores: pairs.map(({ scores }) => columnsOf(scores)),
    objectness: false,
    rows: 'anchors',
    format: pairs.every(({ boxes }) => madeOf(boxes, context) === 'linear') ? 'anchors' : undefined,
    kind: isMade('sigmoid') || isMade('softmax') ? 'probability' : undefined,
    background: isMade('softmax'),
    beside: outputs.filter((it) => !used.includes(it) && isBeside(it, used)).map(({ name }) => name),
    why: `boxes in ${first.boxes.name} and scores in ${first.scores.name}, row by row`,
  };
};

/** Two tables of as many rows and nothing else, whatever their names, row by row or column by column: one of them is 4 wide. */
function pairAlone(floats: readonly Output[], context: Context): ReturnType<RoleFinder> {
  const [a, b, ...others] = floats;
  if (a === undefined || b === undefined || others.length > 0 || a.dims.length !== 3 || b.dims.length !== 3)
    return undefined;
  for (const axis of [1, 2]) {
    const rows = a.dims[axis];
    const widths = [a, b].map(({ dims }) => dims[3 - axis]);
    if (rows === undefined || rows < FEWEST || b.dims[axis] !== rows || widths.some((it = 0) => it >= rows)) continue;
    const madeOfTable = ({ name }: Output) => context.evidence.made(name, 3 - axis);
    const isChance = (it: Output) => ['sigmoid', 'softmax'].includes(madeOfTable(it));
    // What is computed from a layer's numbers is decoded already: boxes, where the others are a layer's own.
    const rank = (it: Output | undefined) =>
      it === undefined || isChance(it) ? 2 : madeOfTable(it) === 'linear' ? 1 : 0;
    // Sets of queries have a Sigmoid before their boxes, and names that tell.
    const [boxes, scores] =
      [
        [a, b],
        [b, a],
      ]
        .filter(
          ([box, score]) =>
            box?.dims[3 - axis] === 4 &&
            score !== undefined &&
            !isExchanged(box, score, 3 - axis) &&
            (isExchanged(score, box, 3 - axis) || !isChance(box) || isChance(score)),
        )
        .toSorted(([x], [y]) => rank(x) - rank(y))[0] ?? [];
    if (boxes === undefined || scores === undefined) continue;
    const layout = axis === 1 ? 'nrc' : 'ncr';
    const made = madeOfTable(scores);
    const columns = (it: Output): Columns => ({ output: it.name, layout, from: 0, to: it.dims[3 - axis] ?? 0 });
    return {
      boxes: [columns(boxes)],
      scores: [columns(scores)],
      objectness: false,
      rows: 'anchors',
      format: madeOfTable(boxes) === 'linear' ? 'anchors' : undefined,
      kind: isChance(scores) ? 'probability' : undefined,
      background: made === 'softmax',
      beside: [],
      why: `boxes in ${boxes.name} and scores in ${scores.name}, ${axis === 1 ? 'row by row' : 'column by column'}`,
    };
  }
  return undefined;
}

/** Scores of four columns are as wide as boxes, and a set of queries has a Sigmoid before its boxes: names tell then. */
function isExchanged(boxes: Output, scores: Output, axis: number): boolean {
  return (
    [boxes, scores].every((it) => it.dims.at(axis - 3) === 4) && BOXES.test(scores.name) && !BOXES.test(boxes.name)
  );
}

function columnsOf({ name, dims }: Output): Columns {
  return { output: name, layout: dims.length === 3 ? 'nrc' : 'rc', from: 0, to: dims.at(-1) ?? 0 };
}

/** As many rows, of scores; landmarks and the like are not made by a Sigmoid or Softmax. */
function isPartner(boxes: Output, it: Output, context: Context): boolean {
  const isLike = it.dims.length === boxes.dims.length && it.dims.slice(0, -1).every((dim, i) => dim === boxes.dims[i]);
  const made = madeOf(it, context);
  return isLike && (made === 'sigmoid' || made === 'softmax' || /score|conf|prob|cls|class|logit/i.test(it.name));
}

function tells(boxes: Output, scores: Output, context: Context): boolean {
  const size = pictureSize(context.first.inputs);
  const rows = boxes.dims.at(-2) ?? 0;
  const made = madeOf(scores, context);
  return (
    BOXES.test(boxes.name) ||
    made === 'sigmoid' ||
    made === 'softmax' ||
    (size !== undefined && fitsGrid(rows, size.height, size.width))
  );
}

function madeOf({ name, dims }: Output, { evidence }: Context): string {
  return evidence.made(name, dims.length - 1);
}

function isBeside({ dims }: Output, used: readonly Output[]): boolean {
  return used.some((it) => it.dims.length === dims.length && it.dims.at(-2) === dims.at(-2));
}
