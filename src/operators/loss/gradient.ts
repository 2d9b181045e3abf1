/**
 * Gradients of the two losses that are operators, as a loss given as a model may have them.
 *
 * NegativeLogLikelihoodLoss: l = −w[t]·x[t] for each target t, then left, summed, or summed and divided by Σ w[t]. A target that is
 * `ignore_index` counts nothing. SoftmaxCrossEntropyLoss is that of LogSoftmax over the classes, axis 1.
 */
import { intAttribute, stringAttribute } from '../../onnx/attributes.ts';
import type { DataType } from '../../onnx/data-type.ts';
import { type Gradient, type GradientContext, type Gradients, smooth } from '../gradient-rule.ts';
import { reshapeTo } from '../shaping.ts';

/** Stands for no class: no target is this. */
const NOBODY = -(2 ** 31) + 1;

/** −w[t] at each target, 0 elsewhere, times what arrives at the loss: the gradient by x, or by log softmax. */
function byScores(g: GradientContext, dy: string): string {
  if (g.wants(2)) g.refuse('the weights of its classes are trained');
  const dims = g.dims(g.input(0));
  const type = g.type(g.input(0));
  const target = g.input(1);
  const column = [dims[0] as number, 1, ...dims.slice(2)];
  const hot = g.op('Cast', [g.op('Equal', [reshapeTo(g, target, column), classes(g, dims, g.type(target))])], {
    to: type,
  });
  const across = dims.map((dim, axis) => (axis === 1 ? dim : 1));
  const weighted = g.input(2) === '' ? hot : g.op('Mul', [hot, reshapeTo(g, g.input(2), across)]);
  const reduction = stringAttribute(g.node, 'reduction') ?? 'mean';
  const total = () => g.op('ReduceSum', [weighted], { keepdims: 0 });
  const arrived =
    reduction === 'none' ? reshapeTo(g, dy, column) : reduction === 'sum' ? dy : g.op('Div', [dy, total()]);
  return g.op('Neg', [g.op('Mul', [weighted, arrived])]);
}

/** The number of each class along axis 1; nobody in place of the one that is ignored. */
function classes(g: GradientContext, dims: readonly number[], type: DataType): string {
  const ignored = intAttribute(g.node, 'ignore_index', undefined);
  const numbers = Array.from({ length: dims[1] as number }, (_, at) => (at === ignored ? NOBODY : at));
  return g.tensor(
    dims.map((dim, axis) => (axis === 1 ? dim : 1)),
    numbers,
    type,
  );
}

const negativeLogLikelihood = smooth((g, dy) => [byScores(g, dy)]);

/** Behind log softmax: dx = dz − eᶻ·Σ dz over the classes. */
const softmaxCrossEntropy: Gradient = {
  proof: 'differences',
  rule: (g) => {
    const [dy, more] = [g.gradient(0), g.gradient(1)];
    const terms = [dy && byScores(g, dy), more].filter((term) => term !== undefined);
    const dz = terms.reduce((one, other) => g.op('Add', [one, other]));
    const sum = g.op('ReduceSum', [dz, g.ints([1])], { keepdims: 1 });
    return [g.op('Sub', [dz, g.op('Mul', [g.op('Exp', [g.output(1)]), sum])])];
  },
};

export const loss: Gradients = {
  NegativeLogLikelihoodLoss: negativeLogLikelihood,
  SoftmaxCrossEntropyLoss: softmaxCrossEntropy,
};
