/**
 * x → Reshape [0, G, −1] → InstanceNormalization(1, 0) → Reshape back → depthwise 1×1 Conv(γ′, β′) → y
 *
 * x, y: [N, C, D₁, …]; γ′: [C, 1, 1, …] (the Conv's weight), β′: [C] (its bias). For consumers that train only what a Conv
 * holds.
 *
 * 1. A 16-bit x is cast to float32 for the normalisation alone.
 * 2. Where the rank is 2 or unknown, the Conv runs over [N, C, −1], and the Reshape back comes after it.
 *
 * https://onnx.ai/onnx/operators/onnx__Conv.html
 */
import type { Builder } from '../onnx/builder.ts';
import { DataType } from '../onnx/data-type.ts';
import { restoreShape } from './affine.ts';
import { mayBeEmpty, toChannels } from './grouped-shape.ts';
import { checkSixteenBit, normalizeGroups, toElementType } from './instance.ts';
import type { Form, FormSite } from './types.ts';

/** (2) */
function rows(normalized: string, site: FormSite, builder: Builder): string {
  const { shape, channels, plain } = site;
  if (shape === undefined && plain !== true) return toChannels(normalized, site, builder);
  return builder.reshape('Channels', normalized, [0, channels, mayBeEmpty(site) ? 1 : -1]);
}

export const instanceConv: Form = {
  name: 'instance-conv',
  summary: 'as instance, with γ and β in a depthwise Conv',
  oneStage: () => true,
  otherwise: true,
  check: ({ elementType }, opset) => {
    if (elementType === DataType.BFLOAT16 && opset < 22)
      return `Conv of bfloat16 needs opset 22; the model has ${opset}`;
    return checkSixteenBit(elementType, opset);
  },
  build(site, builder) {
    const { shape, channels, output } = site;
    const normalized = normalizeGroups(site, builder);
    const spatial = shape === undefined || shape.length < 3 ? 1 : shape.length - 2;
    const inOwnRank = shape !== undefined && shape.length > 2;
    const wide = inOwnRank ? restoreShape(normalized, site, builder) : rows(normalized, site, builder);
    const weights = [
      builder.parameter('scale', [channels, 1, ...new Array<number>(spatial).fill(1)]),
      builder.parameter('bias', [channels]),
    ];
    const attributes = { group: channels, kernel_shape: new Array<number>(spatial).fill(1) };
    const inputs = [toElementType(wide, site, builder), ...weights];
    const convolved = builder.node('Conv', 'Conv', inputs, attributes, inOwnRank ? output : undefined);
    if (!inOwnRank) restoreShape(convolved, site, builder, output);
  },
};
