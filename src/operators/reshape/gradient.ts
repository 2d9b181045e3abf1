/** Gradients of operators that move every element once, or repeat it. */
import { intAttribute, permOf, stringAttribute } from '../../onnx/attributes.ts';
import { ends, type Gradient, type GradientContext, type Gradients, linear } from '../gradient-rule.ts';
import { inverse, reshapeTo } from '../shaping.ts';

/** A rule for an operator whose first input is the only one with a gradient. */
function moved(back: (g: GradientContext, dy: string, dims: readonly number[]) => string): Gradient {
  return linear((g, dy) => [back(g, dy, g.dims(g.input(0)))]);
}

/** The elements stay in their order: the gradient only gets the old dimensions back. */
const reshaped = moved(reshapeTo);

const transpose = moved((g, dy, dims) => {
  const perm = permOf(g.node, dims.length);
  return g.op('Transpose', [dy], { perm: inverse(perm) });
});

/** [r·d] is [r, d] with all r equal: the sum over r, axis by axis. */
const tile = moved((g, dy, dims) => {
  const repeats = g.dims(g.output(0)).map((dim, axis) => (dims[axis] === 0 ? 1 : dim / (dims[axis] as number)));
  const repeated = repeats.flatMap((times, axis) => (times === 1 ? [] : [axis]));
  if (repeated.length === 0) return dy;
  const split = dims.flatMap((dim, axis) => (repeats[axis] === 1 ? [dim] : [repeats[axis] as number, dim]));
  // Each repeated axis before this one has put one axis more in front of it.
  const axes = repeated.map((axis, before) => axis + before);
  return g.op('ReduceSum', [reshapeTo(g, dy, split), g.ints(axes)], { keepdims: 0 });
});

/** Blocks of channels that DepthToSpace laid side by side go back behind one another. */
const depthToSpace = moved((g, dy, dims) => {
  const blocksize = intAttribute(g.node, 'blocksize', 1);
  if (stringAttribute(g.node, 'mode') !== 'CRD') return g.op('SpaceToDepth', [dy], { blocksize });
  const [n, c, h, w] = dims as [number, number, number, number];
  const apart = reshapeTo(g, dy, [n, c / blocksize ** 2, h, blocksize, w, blocksize]);
  return reshapeTo(g, g.op('Transpose', [apart], { perm: [0, 1, 3, 5, 2, 4] }), dims);
});

const spaceToDepth = moved((g, dy) =>
  g.op('DepthToSpace', [dy], { blocksize: intAttribute(g.node, 'blocksize', 1), mode: 'DCR' }),
);

/** In inference Dropout passes its input on; in training it scales what its mask keeps. */
const dropout = moved((g, dy) => {
  const training = g.constant(g.input(2));
  if (g.input(2) === '' || training?.values[0] === 0) return dy;
  if (training === undefined) g.refuse('whether it drops anything is computed in the run');
  const ratio =
    g.input(1) === '' ? 0.5 : (g.constant(g.input(1))?.values[0] ?? g.refuse('its ratio is computed in the run'));
  const kept = g.op('Where', [g.output(1), dy, g.scalar(0)]);
  return ratio === 0 ? kept : g.op('Mul', [kept, g.scalar(1 / (1 - ratio))]);
});

export const reshape: Gradients = {
  Identity: moved((_, dy) => dy),
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Expand: moved((g, dy, dims) => g.sumTo(dy, g.dims(g.output(0)), dims)),
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Dropout: dropout,
  Shape: ends,
  Size: ends,
};
