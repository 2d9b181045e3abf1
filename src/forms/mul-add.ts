/**
 * x → Mul s → Add t → y
 *
 * x, y: [N, C, D₁, …]; s, t: [C, 1, …].
 *
 * 1. A 16-bit x is cast to float32 for both, and s and t are float32: t is the difference of two numbers that may be far
 *    larger than y.
 * 2. Where the rank is unknown, s and t are [C, 1] and applied to [N, C, −1].
 *
 * https://onnx.ai/onnx/operators/onnx__Mul.html
 */
import { isHalf } from '../onnx/data-type.ts';
import { affine, perChannel, restoreShape } from './affine.ts';
import { toChannels } from './grouped-shape.ts';
import { checkSixteenBit } from './instance.ts';
import { parameterType } from './parameter-type.ts';
import type { Form } from './types.ts';

export const mulAdd: Form = {
  name: 'mul-add',
  summary: 'Mul by a constant, Add of another',
  oneStage: () => true,
  otherwise: true,
  parameterType,
  check: ({ elementType }, opset) => checkSixteenBit(elementType, opset),
  build(site, builder) {
    const { input, output, elementType, shape, channels } = site;
    const half = isHalf(elementType);
    const type = parameterType(elementType);
    const x = half ? builder.cast('Widen', input, type) : input;
    const rows = shape === undefined ? toChannels(x, site, builder) : x;
    const dims = shape === undefined ? [channels, 1] : perChannel(channels, shape.length);
    const isLast = shape !== undefined && !half;
    const y = affine(rows, dims, builder, isLast ? output : undefined);
    if (isLast) return;
    const restored = shape === undefined ? restoreShape(y, site, builder, half ? undefined : output) : y;
    if (half) builder.cast('Narrow', restored, elementType, output);
  },
};
