/** Rows that NonMaxSuppression or a ranking left: the boxes that were found, as torchvision and Ultralytics export them. */
import { DataType, isFloat } from '../../../onnx/data-type.ts';
import type { Output } from '../../tasks/types.ts';
import type { Columns } from '../table.ts';
import type { RoleFinder } from './types.ts';

const LABELS = /label|class|categ|cls/i;
const SCORES = /score|conf|prob/i;

export const found: RoleFinder = (outputs, { evidence }, asked) => {
  // Classifiers rank too, and answer with [n, 5]: only suppression, or a table for each picture, is a detector's.
  const isFound = ({ name, dims }: Output) =>
    dims.length === 3
      ? evidence.ranks(name)
      : dims.length <= 2 && (evidence.suppresses(name) || (asked && evidence.selects(name)));
  const rows = outputs.filter(isFound);
  const floats = rows.filter(({ type, dims }) => isFloat(type) && dims.length >= 2);
  const boxes = floats.find(({ dims }) => dims.at(-1) === 4);
  if (boxes === undefined) return combined(floats);
  const rest = outputs.filter((it) => it !== boxes);
  const isColumn = ({ dims }: Output) =>
    dims.length === boxes.dims.length - 1 && (dims.length === 1 || dims[0] === boxes.dims[0]);
  const columns = rest.filter((it) => isColumn(it) && dependsOnRows(it));
  const labels = columns.find(({ type, name }) => !isFloat(type) || LABELS.test(name));
  const others = columns.filter((it) => it !== labels && isFloat(it.type));
  const scores = others.find(({ name }) => SCORES.test(name)) ?? others[0];
  // What NonMaxSuppression itself returns: picture, class, index of the box.
  const selected = rest.find(({ type, dims }) => type === DataType.INT64 && dims.length === 2 && dims[1] === 3);
  const used = [boxes, labels, scores, selected];
  const isByPicture = boxes.dims.length === 3;
  return {
    boxes: [{ output: boxes.name, layout: isByPicture ? 'nrc' : 'rc', from: 0, to: 4 }],
    scores: scores === undefined ? [] : [columnOf(scores, isByPicture)],
    ...(labels !== undefined
      ? { labels: columnOf(labels, isByPicture) }
      : selected !== undefined
        ? { labels: { output: selected.name, layout: 'rc', from: 1, to: 2 } }
        : {}),
    ...(selected === undefined || isByPicture
      ? {}
      : { pictures: { output: selected.name, layout: 'rc', from: 0, to: 1 } }),
    objectness: false,
    rows: 'found',
    format: evidence.suppressedAs(boxes.name),
    beside: rest.filter((it) => !used.includes(it) && dependsOnRows(it)).map(({ name }) => name),
    why: `boxes of ${boxes.name} behind NonMaxSuppression or a ranking`,
  };

  function dependsOnRows({ name }: Output): boolean {
    return evidence.ranks(name);
  }
};

function columnOf({ name }: Output, isByPicture: boolean): Columns {
  return { output: name, layout: isByPicture ? 'nr' : 'r', from: 0, to: 1 };
}

/** Corners, score and class in one row; with the picture's number in front and the score last where there are seven. */
function combined(floats: readonly Output[]): ReturnType<RoleFinder> {
  const table = floats.find(({ dims }) => (dims.at(-1) ?? 0) >= 5);
  if (table === undefined) return undefined;
  const width = table.dims.at(-1) ?? 0;
  const columns = (from: number, to: number): Columns => ({
    output: table.name,
    layout: table.dims.length === 3 ? 'nrc' : 'rc',
    from,
    to,
  });
  const isNumbered = width === 7 && table.dims.length === 2;
  return {
    boxes: [isNumbered ? columns(1, 5) : columns(0, 4)],
    scores: [isNumbered ? columns(6, 7) : columns(4, 5)],
    ...(width === 5 ? {} : { labels: columns(5, 6) }),
    ...(isNumbered ? { pictures: columns(0, 1) } : {}),
    objectness: false,
    rows: 'found',
    beside: [],
    why: `rows of box, score and class in ${table.name}, behind NonMaxSuppression or a ranking`,
  };
}
