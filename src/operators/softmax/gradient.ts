/** Gradients of Softmax and LogSoftmax over one axis. */
import { intAttribute } from '../../onnx/attributes.ts';
import { type GradientContext, type Gradients, smooth, wrapAxis } from '../gradient-rule.ts';

/** Σ along the node's axis, kept as 1. */
function sum(g: GradientContext, value: string): string {
  const axis = wrapAxis(intAttribute(g.node, 'axis', -1), g.dims(g.input(0)).length);
  return g.op('ReduceSum', [value, g.ints([axis])], { keepdims: 1 });
}

/** dx = y·(dy − Σ dy·y). */
const softmaxRule = smooth((g, dy) => {
  const y = g.output(0);
  return [g.op('Mul', [y, g.op('Sub', [dy, sum(g, g.op('Mul', [dy, y]))])])];
});

/** dx = dy − eʸ·Σ dy. */
const logSoftmaxRule = smooth((g, dy) => {
  return [g.op('Sub', [dy, g.op('Mul', [g.op('Exp', [g.output(0)]), sum(g, dy)])])];
});

export const softmax: Gradients = { Softmax: softmaxRule, LogSoftmax: logSoftmaxRule };
