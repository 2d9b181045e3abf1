/**
 * Conv(x, w, b) → Mul s → Add t   becomes   Conv(x, s w, s b + t)
 *
 * The norm goes into the weight and bias of the layer before it: Conv, ConvTranspose, Gemm or MatMul, which gets an Add as it
 * has no bias. x: what that layer reads; s, t: one number per channel of its output.
 *
 * 1. There is such a layer: see find/linear.ts.
 * 2. Nothing else reads its weight.
 *
 * https://onnx.ai/onnx/operators/onnx__Conv.html
 */
import { scaledWeight } from '../norms/linear.ts';
import { takeIn } from './take-in.ts';
import type { Form } from './types.ts';

export const fold: Form = {
  name: 'fold',
  summary: 'multiplied into the Conv, ConvTranspose, Gemm or MatMul before it',
  oneStage: () => true,
  takesIn: true,
  check: ({ before }) => {
    if (before === undefined) return 'it does not follow a linear layer';
    if (typeof before === 'string') return before;
    return before.isShared ? `the weight of the ${before.node.opType} before it has other readers` : undefined;
  },
  build(site, builder) {
    takeIn(site, builder, (linear, scale) => builder.parameter('weight', linear.dims, scaledWeight(linear, scale)));
  },
};
