/**
 * Classes through a choice of rows, as detectors without NonMaxSuppression end (YOLOv10, YOLO26): the best rows are taken for all of their
 * classes, laid side by side, and ranked once more. A position in that list stands for a row and a class.
 */
import { intAttribute } from '../../onnx/attributes.ts';
import { nameAt } from '../../onnx/operands.ts';
import { isWhole, type Place, sizeAfter } from './place.ts';
import {
  at,
  atFirst,
  blocked,
  type Known,
  LAYOUTS,
  NOTHING,
  type Passed,
  type Rewrite,
  type Rule,
  rankOf,
  wrap,
} from './rule.ts';

/** Rows by indices that are repeated once for each class. */
export const chosenRows: Rule = (node, places, more, known) => {
  const [data = '', indices = ''] = node.input;
  const place = places.get(data);
  const rank = rankOf(known, data);
  if (place === undefined || wrap(intAttribute(node, 'axis', 0), rank) === place.axis) {
    return blocked('it chooses classes by computed numbers');
  }
  const maker = known.makerOf(indices);
  const isRepeated = maker?.opType === 'Tile' || maker?.opType === 'Expand';
  const own = maker && known.dimsOf(nameAt(maker.input, 0));
  if (maker === undefined || !isRepeated || own?.at(place.axis - rank) !== 1) {
    return blocked('its indices are not repeated for each class');
  }
  const was = known.intsOf(nameAt(maker.input, 1)) ?? known.dimsOf(indices) ?? [];
  const values = was.map((it, axis) => (axis === place.axis ? sizeAfter(place, more) : it));
  return at(node, place, [{ node: maker, input: 1, values, was }]);
};

/** The best of an axis are as many as before. */
export const ranked = atFirst((node, place, more, known) => {
  const rank = rankOf(known, nameAt(node.input, 0));
  if (wrap(intAttribute(node, 'axis', -1), rank) !== place.axis) {
    return { places: new Map(node.output.map((name) => [name, place])), rewrites: [] };
  }
  return isWhole(place) ? NOTHING : positionsDivided([nameAt(node.output, 1)], place, more, known);
});

/**
 * Those of a list that pass a threshold, as torchvision's RetinaNet and FCOS have it before they rank: `scores[scores > 0.05]`. Their positions
 * come from NonZero.
 */
export const tested: Rule = atFirst((node, place, more, known) => {
  if (rankOf(known, nameAt(node.input, 0)) !== 1 || isWhole(place))
    return blocked('it chooses classes by computed numbers');
  let maker = known.makerOf(nameAt(node.input, 1));
  while (maker !== undefined && (maker.opType === 'Transpose' || LAYOUTS.has(maker.opType)))
    maker = known.makerOf(nameAt(maker.input, 0));
  if (maker?.opType !== 'NonZero') return blocked('it chooses classes by computed numbers');
  const positions = known.readersOf(nameAt(maker.input, 0)).filter(({ opType }) => opType === 'NonZero');
  return positionsDivided(
    positions.map(({ output }) => nameAt(output, 0)),
    place,
    more,
    known,
  );
});

/** Nodes that hand positions on; Gather if it chooses among them. */
const HANDS_ON: ReadonlySet<string> = new Set([...LAYOUTS, 'Transpose', 'Split', 'Slice', 'Gather']);

/** position = row · classes + class: both are taken from it by the number of classes, which is stored. */
function positionsDivided(positions: readonly string[], { block, count }: Place, more: number, known: Known): Passed {
  const rewrites: Rewrite[] = [];
  const found = new Set<string>();
  const pending = [...positions];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    for (const reader of known.readersOf(value)) {
      if (nameAt(reader.input, 0) !== value) continue;
      if (HANDS_ON.has(reader.opType)) pending.push(...reader.output);
      const [by, ...others] = known.intsOf(nameAt(reader.input, 1)) ?? [];
      if ((reader.opType !== 'Div' && reader.opType !== 'Mod') || by !== block || others.length > 0) continue;
      found.add(reader.opType);
      rewrites.push({ node: reader, input: 1, values: [block + more] });
    }
  }
  if (block !== count || found.size < 2)
    return blocked('a position in it stands for a row and a class, and is not divided by their number');
  return { ...NOTHING, rewrites };
}
