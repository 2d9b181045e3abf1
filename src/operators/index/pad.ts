/** Gradient of Pad: what was repeated at the border is added where it came from. */
import { stringAttribute } from '../../onnx/attributes.ts';
import { type GradientContext, linear, wrapAxis } from '../gradient-rule.ts';
import { fixedInts, padAll, padAxis, reversed, sliceAxis, statedInts } from '../shaping.ts';

export const pad = linear((g, dy) => {
  const mode = stringAttribute(g.node, 'mode') ?? 'constant';
  const dims = g.dims(g.input(0));
  const pads = padsOf(g, dims.length);
  if (mode === 'constant') return constantMode(g, dy, pads);
  if (pads.some((it) => it < 0)) g.refuse(`it cuts and pads in mode ${mode}`, 'Cut with Slice, pad with Pad');
  let dx = dy;
  for (const axis of dims.keys()) {
    const [before, after] = [pads[axis] as number, pads[dims.length + axis] as number];
    if (before > 0 || after > 0) dx = folded(g, dx, { mode, axis, before, after, dims });
  }
  return [dx];
});

/** All starts, then all ends. */
function padsOf(g: GradientContext, rank: number): number[] {
  const given = statedInts(g, 1, 'pads');
  const axes = fixedInts(g, 3, 'axes');
  if (axes === undefined) return given;
  const pads = new Array<number>(2 * rank).fill(0);
  for (const [index, axis] of axes.entries()) {
    pads[wrapAxis(axis, rank)] = given[index] as number;
    pads[rank + wrapAxis(axis, rank)] = given[axes.length + index] as number;
  }
  return pads;
}

function constantMode(g: GradientContext, dy: string, pads: readonly number[]): (string | undefined)[] {
  const dx = padAll(
    g,
    dy,
    g.dims(g.output(0)),
    pads.map((count) => -count),
  );
  if (!g.wants(2)) return [dx];
  const total = (value: string) => g.op('ReduceSum', [value], { keepdims: 0 });
  // What does not arrive at x arrives at the constant.
  const rest = g.op('Sub', [total(dy), total(dx)]);
  return [dx, undefined, g.op('Reshape', [rest, g.ints(g.dims(g.input(2)))])];
}

interface Border {
  readonly mode: string;
  readonly axis: number;
  readonly before: number;
  readonly after: number;
  /** Of what was padded. */
  readonly dims: readonly number[];
}

/** Undoes the padding along one axis. */
function folded(g: GradientContext, dy: string, { mode, axis, before, after, dims }: Border): string {
  const dim = dims[axis] as number;
  const slice = (start: number, end: number) => sliceAxis(g, dy, axis, start, end);
  const at = (value: string, start: number, length: number) =>
    padAxis(g, value, dims, axis, start, dim - start - length);
  const ends = [
    { part: () => slice(0, before), length: before, edge: 0, reflect: 1, wrap: dim - before },
    {
      part: () => slice(before + dim, before + dim + after),
      length: after,
      edge: dim - 1,
      reflect: dim - 1 - after,
      wrap: 0,
    },
  ];
  const terms = ends.flatMap(({ part, length, edge, reflect, wrap }) => {
    if (length === 0) return [];
    if (mode === 'edge') return [at(g.op('ReduceSum', [part(), g.ints([axis])], { keepdims: 1 }), edge, 1)];
    if (length > dim - (mode === 'reflect' ? 1 : 0))
      g.refuse(`it pads ${length} positions in mode ${mode} from ${dim}`);
    return [mode === 'reflect' ? at(reversed(g, part(), axis), reflect, length) : at(part(), wrap, length)];
  });
  return terms.reduce((sum, term) => g.op('Add', [sum, term]), slice(before, before + dim));
}
