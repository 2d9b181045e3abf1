/**
 * Follows classes from layer to outputs, node by node, and says which constants hold their number.
 *
 * What is not known to keep classes together drops them: the rebuilt model is run, and compared with the old one, before it is used.
 */
import { attributeOf, intAttribute, intsAttribute, permOf } from '../../onnx/attributes.ts';
import { nameAt } from '../../onnx/operands.ts';
import { isWhole, type Place, reshaped, sizeAfter } from './place.ts';
import { chosenRows, ranked, tested } from './ranked.ts';
import { at, atFirst, blocked, NOTHING, type Rewrite, type Rule, rankOf, wrap } from './rule.ts';

const reshape = atFirst((node, place, more, known) => {
  const [data = '', shape = ''] = node.input;
  const [from, to] = [known.dimsOf(data), known.dimsOf(nameAt(node.output, 0))];
  if (from === undefined || to === undefined) return NOTHING;
  const after = reshaped(place, from, to, node.opType === 'Reshape');
  if (after === undefined) return blocked('it mixes classes with other numbers');
  const ints = node.opType === 'Reshape' ? known.intsOf(shape) : undefined;
  if (node.opType !== 'Reshape' || (ints?.[after.axis] ?? 1) <= 0) return at(node, after);
  // Where the batch is open, sizes are joined of computed ones and stored ones.
  const was = ints ?? to;
  const values = was.map((it, axis) => (axis === after.axis ? sizeAfter(after, more) : it));
  return at(node, after, [{ node, input: 1, values, was }]);
});

const transpose = atFirst((node, place, _more, known) => {
  const rank = rankOf(known, nameAt(node.input, 0));
  const perm = permOf(node, rank);
  return at(node, { ...place, axis: perm.indexOf(place.axis) });
});

const concat: Rule = (node, places, _more, known) => {
  const axis = wrap(intAttribute(node, 'axis', 0), rankOf(known, nameAt(node.output, 0)));
  const given = node.input.flatMap((name) => places.get(name) ?? []);
  const [first] = given;
  if (first === undefined) return NOTHING;
  if (axis !== first.axis) return at(node, first);
  if (given.length > 1) return blocked('it joins classes of several layers side by side');
  if (!isWhole(first)) return blocked('it joins classes of several anchors with other numbers');
  let [before, total] = [0, 0];
  for (const name of node.input) {
    const size = known.dimsOf(name)?.[axis] ?? 0;
    if (places.has(name)) before = total;
    total += size;
  }
  return at(node, { axis, size: total, block: total, at: before + first.at, count: first.count });
};

const split = atFirst((node, place, more, known) => {
  const rank = rankOf(known, nameAt(node.input, 0));
  if (wrap(intAttribute(node, 'axis', 0), rank) !== place.axis) {
    return { places: new Map(node.output.map((name) => [name, place])), rewrites: [] };
  }
  const own = intsAttribute(node, 'split');
  const sizes = own ?? known.intsOf(nameAt(node.input, 1));
  if (sizes === undefined || !isWhole(place)) return blocked('it splits classes into equal parts');
  let start = 0;
  for (const [index, size] of sizes.entries()) {
    if (place.at >= start && place.at + place.count <= start + size) {
      const values = sizes.map((it, other) => (other === index ? it + more : it));
      const piece = { ...place, size, block: size, at: place.at - start };
      return {
        places: new Map([[nameAt(node.output, index), piece]]),
        rewrites: [own === undefined ? { node, input: 1, values } : { node, attribute: 'split', values }],
      };
    }
    start += size;
  }
  return blocked('it splits classes from each other');
});

const slice = atFirst((node, place, more, known) => {
  const rank = rankOf(known, nameAt(node.input, 0));
  const isOld = attributeOf(node, 'starts') !== undefined;
  const read = (index: number, name: string) =>
    isOld ? intsAttribute(node, name) : known.intsOf(nameAt(node.input, index));
  const [starts, ends, steps] = [read(1, 'starts'), read(2, 'ends'), isOld ? undefined : read(4, 'steps')];
  if (starts === undefined || ends === undefined) return blocked('where it cuts is computed');
  const axes = read(3, 'axes') ?? starts.map((_, axis) => axis);
  const which = axes.findIndex((axis) => wrap(axis, rank) === place.axis);
  if (which < 0) return at(node, place);
  if (!isWhole(place) || (steps?.[which] ?? 1) !== 1) return blocked('it takes some of the classes');
  const [from, to] = [starts[which] as number, ends[which] as number];
  const start = Math.min(wrap(from, place.size), place.size);
  const end = Math.min(wrap(to, place.size), place.size);
  const [first, last] = [place.at, place.at + place.count];
  // Counted from the front, what lies behind the classes moves; counted from the end, what lies before them.
  const moved = (literal: number, isBehind: boolean) =>
    literal + (literal < 0 ? (isBehind ? 0 : -more) : isBehind ? more : 0);
  const isBeyond = to > place.size;
  const rewritten = (a: number, b: number): Rewrite[] => {
    const put = (list: readonly number[], value: number) => list.map((it, index) => (index === which ? value : it));
    const changes: Rewrite[] = [];
    if (a !== from) changes.push({ node, ...(isOld ? { attribute: 'starts' } : { input: 1 }), values: put(starts, a) });
    if (b !== to) changes.push({ node, ...(isOld ? { attribute: 'ends' } : { input: 2 }), values: put(ends, b) });
    return changes;
  };
  const shifted = (startBehind: boolean, endBehind: boolean) =>
    rewritten(moved(from, startBehind), isBeyond ? Math.max(to, place.size + more) : moved(to, endBehind));
  if (start <= first && end >= last) {
    const size = end - start;
    return at(node, { ...place, size, block: size, at: first - start }, shifted(false, true));
  }
  if (end <= first) return at(node, undefined, shifted(false, false));
  if (start >= last) return at(node, undefined, shifted(true, true));
  return blocked('it takes some of the classes');
});

const gather = atFirst((node, place, more, known) => {
  const [data = '', indices = ''] = node.input;
  const [rank, inner] = [rankOf(known, data), rankOf(known, indices)];
  const axis = wrap(intAttribute(node, 'axis', 0), rank);
  if (axis !== place.axis) return at(node, axis < place.axis ? { ...place, axis: place.axis + inner - 1 } : place);
  const chosen = known.intsOf(indices)?.map((it) => wrap(it, place.size));
  if (chosen === undefined || !isWhole(place)) return blocked('it chooses classes by computed numbers');
  const end = place.at + place.count;
  if (chosen.some((it) => it >= place.at && it < end)) return blocked('it is made for single classes');
  const values = chosen.map((it) => (it < place.at ? it : it + more));
  const isSame = String(values) === String(known.intsOf(indices));
  return { places: new Map(), rewrites: isSame ? [] : [{ node, input: 1, values }] };
});

const reduce = atFirst((node, place, _more, known) => {
  const rank = rankOf(known, nameAt(node.input, 0));
  const single = attributeOf(node, 'axis') === undefined ? undefined : [intAttribute(node, 'axis', 0)];
  const axes = (single ?? intsAttribute(node, 'axes') ?? known.intsOf(nameAt(node.input, 1)))?.map((it) =>
    wrap(it, rank),
  );
  if (axes === undefined || axes.includes(place.axis)) return NOTHING;
  if (intAttribute(node, 'keepdims', 1) !== 0) return at(node, place);
  return at(node, { ...place, axis: place.axis - axes.filter((it) => it < place.axis).length });
});

/** Number by number, with operands that are the same for all classes or have a number for each. */
const elementwise: Rule = (node, places, _more, known) => {
  const output = nameAt(node.output, 0);
  const dims = known.dimsOf(output);
  const [named, place] = [...places][0] ?? [];
  const own = known.dimsOf(named ?? '');
  if (place === undefined || dims === undefined || own === undefined) return NOTHING;
  const axis = place.axis + dims.length - own.length;
  if (dims[axis] !== place.size) return place.size === 1 ? NOTHING : blocked('it combines classes with each other');
  const grown: { input: number; place: Place }[] = [];
  for (const [input, name] of node.input.entries()) {
    if (name === '' || places.has(name)) continue;
    const others = known.dimsOf(name) ?? [];
    const where = axis - dims.length + others.length;
    if (place.size === 1 || others[where] !== place.size) continue;
    if (!known.isStored(name)) return blocked('it combines classes with other numbers');
    grown.push({ input, place: { ...place, axis: where } });
  }
  return { ...at(node, { ...place, axis }), grown };
};

/** The sizes of a Resize name that of the axis of classes too, but for those of some axes only. */
const resize = atFirst((node, place, more, known) => {
  const to = known.dimsOf(nameAt(node.output, 0));
  if (to?.[place.axis] !== place.size) return blocked('it combines classes with each other');
  const axes = intsAttribute(node, 'axes')?.map((it) => wrap(it, to.length)) ?? to.map((_, axis) => axis);
  if (nameAt(node.input, 3) === '' || !axes.includes(place.axis)) return at(node, place);
  const was = axes.map((axis) => to[axis] as number);
  const values = axes.map((axis, index) => (axis === place.axis ? sizeAfter(place, more) : (was[index] as number)));
  return at(node, place, [{ node, input: 3, values, was }]);
});

const expand: Rule = (node, places, more, known) => {
  const passed = elementwise(node, places, more, known);
  const place = passed.places.get(nameAt(node.output, 0));
  const ints = known.intsOf(nameAt(node.input, 1));
  if (place === undefined || ints === undefined || (ints[place.axis] ?? 1) <= 1) return passed;
  const values = ints.map((it, axis) => (axis === place.axis ? sizeAfter(place, more) : it));
  return { ...passed, grown: [], rewrites: [{ node, input: 1, values }] };
};

const layer: Rule = (node) => blocked(`it is a layer behind them: ${node.opType}`);
const nothing: Rule = () => NOTHING;

const RULES: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  Expand: expand,
  Resize: resize,
  ArgMax: reduce,
  ArgMin: reduce,
  GatherElements: chosenRows,
  GatherND: tested,
  TopK: ranked,
  Shape: nothing,
  Size: nothing,
  NonMaxSuppression: nothing,
  NonZero: nothing,
  Conv: layer,
  ConvTranspose: layer,
  Gemm: layer,
  MatMul: layer,
};

/** The rule of a node: its own, that of reductions, or number by number if its output is as large as its input. */
export const pass: Rule = (node, places, more, known) => {
  const own = RULES[node.opType] ?? (node.opType.startsWith('Reduce') ? reduce : undefined);
  if (own !== undefined) return own(node, places, more, known);
  return elementwise(node, places, more, known);
};
