/**
 * x → ReduceMean … → m;  d = x − m;  d·d → ReduceMean … → v;  y = d · γ′/√(v + ε) + β′
 *
 * x, y: [N, C, D₁, …]; γ′, β′: [C, 1, …]. Every operator has a gradient wherever ONNX graphs are trained.
 *
 * 1. Two stages: the spatial axes are averaged one after the other, to [N, C, 1, …]; then the channels of each group. No sum is
 *    longer than an axis or a group's channels, so float32 keeps its digits, and the large tensor is never reshaped. A map known
 *    to be small is averaged at once: its sums are short anyway, and rows of a few numbers cost ONNX Runtime more to start than
 *    to add (7×7: a quarter of the time).
 * 2. Where the rank is unknown: one stage, over [N, G, −1]; see grouped-shape.ts.
 * 3. γ′/√(v + ε) is formed in the small shape, so that one Mul and one Add touch the large tensor.
 * 4. A 16-bit x is cast to float32 for the statistics and the product; β′ is added in x's type.
 * 5. Expand begins with opset 8: at 7 it is Tile.
 *
 * https://onnx.ai/onnx/operators/onnx__ReduceMean.html
 */
import { SHORT_AREA } from '../norms/grouped.ts';
import type { Builder } from '../onnx/builder.ts';
import { DataType, isHalf } from '../onnx/data-type.ts';
import { perChannel, restoreShape } from './affine.ts';
import { toChannels, toGroups } from './grouped-shape.ts';
import { checkSixteenBit } from './instance.ts';
import type { Form, FormSite } from './types.ts';

export const reduce: Form = {
  name: 'reduce',
  summary: 'means and variances by ReduceMean, in two stages',
  oneStage: ({ shape }) => shape === undefined,
  check: ({ elementType }, opset) => checkSixteenBit(elementType, opset),
  build(site, builder) {
    const { input, output, elementType, shape, channels } = site;
    const x = isHalf(elementType) ? builder.cast('Widen', input, DataType.FLOAT) : input;
    if (shape === undefined) {
      // No fusion looks for these nodes, so that they need no usual spelling.
      const grouped = toGroups(x, { ...site, plain: false }, builder);
      const y = normalize(grouped, site, builder, (value, role) => builder.mean(role, value, 2), undefined);
      restoreShape(y, site, builder, output);
    } else {
      const dims = perChannel(channels, shape.length);
      const mean = (value: string, role: string) => groupMeans(value, role, site, shape.length, builder);
      normalize(x, site, builder, mean, dims);
    }
  },
};

/**
 * Adds d · γ′/√(v + ε) + β′. With `dims`, the means broadcast over x and γ′ joins the small tensor (3); without, x is
 * [N, G, −1] and γ′, β′ wait until it is [N, C, −1].
 */
function normalize(
  x: string,
  site: FormSite,
  builder: Builder,
  mean: (value: string, role: string) => string,
  dims: readonly number[] | undefined,
): string {
  const { elementType, channels, epsilon, output } = site;
  const half = isHalf(elementType);
  const type = half ? DataType.FLOAT : elementType;
  const difference = builder.node('Sub', 'Sub', [x, mean(x, 'Mean')]);
  // Not Pow: its gradient fails in some trainers where the exponent is constant.
  const square = builder.node('Mul', 'Square', [difference, difference]);
  const stabilized = builder.node('Add', 'AddEpsilon', [
    mean(square, 'Variance'),
    builder.scalar('epsilon', type, epsilon),
  ]);
  const deviation = builder.node('Sqrt', 'Sqrt', [stabilized]);
  const parameterDims = dims ?? [channels, 1];
  const wideScale = () => {
    const scale = builder.parameter('scale', parameterDims);
    return half ? builder.cast('WidenScale', scale, type) : scale;
  };
  let scaled: string;
  if (dims === undefined) {
    const quotient = builder.node('Div', 'Div', [difference, deviation]);
    const rows = toChannels(quotient, site, builder);
    scaled = builder.node('Mul', 'Mul', [rows, wideScale()]);
  } else {
    const gain = builder.node('Div', 'Div', [wideScale(), deviation]);
    scaled = builder.node('Mul', 'Mul', [difference, gain]);
  }
  const narrow = half ? builder.cast('Narrow', scaled, elementType) : scaled;
  const bias = builder.parameter('bias', parameterDims);
  return builder.node('Add', 'Add', [narrow, bias], {}, dims === undefined ? undefined : output);
}

/** Adds the two stages of (1): x of [N, C, D₁, …] → its groups' means, [N, C, 1, …] or [N, 1, 1, …] for one group. */
function groupMeans(x: string, role: string, site: FormSite, rank: number, builder: Builder): string {
  const { channels, groups, shape = [] } = site;
  const size = channels / groups;
  const area = shape.slice(2).reduce<number>((product, dim) => product * (dim ?? Number.POSITIVE_INFINITY), 1);
  let value = x;
  if (rank > 3 && area <= SHORT_AREA) {
    const axes = Array.from({ length: rank - 2 }, (_, index) => index + 2);
    value = builder.mean(`${role}Map`, value, ...axes);
  } else {
    for (let axis = rank - 1; axis >= 2; axis--) value = builder.mean(`${role}Axis${axis}`, value, axis);
  }
  if (size === 1) return value;
  if (groups === 1) return builder.mean(`${role}Channels`, value, 1);
  const grouped = builder.reshape(`${role}Groups`, value, [0, groups, size]);
  const means = builder.mean(`${role}Group`, grouped, 2);
  const repeated =
    builder.opset < 8
      ? builder.node('Tile', `${role}Repeat`, [means, builder.ints('repeats', [1, 1, size])])
      : builder.node('Expand', `${role}Repeat`, [means, builder.ints('shape', [1, 1, size])]);
  return builder.reshape(role, repeated, [0, channels, ...new Array<number>(rank - 2).fill(1)]);
}
