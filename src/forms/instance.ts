/**
 * x → Reshape [0, G, −1] → InstanceNormalization(1, 0) → Reshape back → Mul γ′ → Add β′ → y
 *
 * x, y: [N, C, D₁, …]; γ′, β′: [C, 1, …]. What PyTorch's exporter writes for GroupNorm, so what most consumers know.
 *
 * 0. Where a dimension is not known the Reshape names every one, so that it holds for a tensor without elements: see
 *    grouped-shape.ts.
 * 1. A 16-bit x is cast to float32 up to the second Reshape: a sum in 16 bits overflows.
 * 2. Where the rank is unknown, γ′ and β′ are [C, 1] and applied to [N, C, −1], before the Reshape back.
 *
 * https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html
 */

import type { Builder } from '../onnx/builder.ts';
import { DataType, isHalf } from '../onnx/data-type.ts';
import { affine, perChannel, restoreShape } from './affine.ts';
import { toChannels, toGroups } from './grouped-shape.ts';
import type { Form, FormSite } from './types.ts';

export const instance: Form = {
  name: 'instance',
  summary: 'Reshape, InstanceNormalization, Reshape, Mul, Add',
  oneStage: () => true,
  check: ({ elementType }, opset) => checkSixteenBit(elementType, opset),
  build(site, builder) {
    const { shape, channels, output } = site;
    const flat = normalizeGroups(site, builder);
    if (shape === undefined) {
      const { plain } = site;
      const rows = plain ? builder.reshape('Channels', flat, [0, channels, -1]) : toChannels(flat, site, builder);
      restoreShape(affine(toElementType(rows, site, builder), [channels, 1], builder), site, builder, output);
    } else {
      const back = toElementType(restoreShape(flat, site, builder), site, builder);
      affine(back, perChannel(channels, shape.length), builder, output);
    }
  },
};

/** Why Cast or arithmetic can't take a bfloat16; `undefined` for other types. */
export function checkSixteenBit(elementType: DataType, opset: number): string | undefined {
  return elementType === DataType.BFLOAT16 && opset < 13
    ? `bfloat16 needs opset 13; the model has ${opset}`
    : undefined;
}

/** Adds x → [N, G, −1], normalised; float32 where x has 16 bits. */
export function normalizeGroups(site: FormSite, builder: Builder): string {
  const { input, elementType, groups, epsilon } = site;
  const type = isHalf(elementType) ? DataType.FLOAT : elementType;
  const wide = type === elementType ? input : builder.cast('Widen', input, type);
  const grouped = toGroups(wide, site, builder);
  const [ones, zeros] = [builder.filled('ones', type, groups, 1), builder.filled('zeros', type, groups, 0)];
  return builder.node('InstanceNormalization', 'InstanceNormalization', [grouped, ones, zeros], {
    epsilon: { float: epsilon },
  });
}

/** Casts back to x's type where {@link normalizeGroups} left it. */
export function toElementType(value: string, { elementType }: FormSite, builder: Builder): string {
  return isHalf(elementType) ? builder.cast('Narrow', value, elementType) : value;
}
