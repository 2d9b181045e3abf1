/**
 * v → Mul v → ReduceSum → Sqrt → ‖v‖;  w = v · g/‖v‖;  Conv(x, w, b) → y
 *
 * In place of the Conv, ConvTranspose, Gemm or MatMul before the norm and the norm. v: as that layer's weight; g: one number per
 * channel of its output, 1 along all other axes; both initializers, and so is b.
 *
 * 1. There is such a layer: see find/linear.ts.
 * 2. v is the source's weight, under its name: not copied where it is an initializer already, also where others read it. But of a
 *    channel whose squares can't be summed in float32, it is the direction alone, and any where the weight is 0, for which g
 *    is 0.
 * 3. A ConvTranspose of several groups has its output channels along two axes: see `view`.
 * 4. A 16-bit v is cast to float32, and w back.
 *
 * https://onnx.ai/onnx/operators/onnx__ReduceSum.html
 */
import type { Linear } from '../find/types.ts';
import { directionsOf } from '../norms/linear.ts';
import type { Builder } from '../onnx/builder.ts';
import { DataType, isHalf } from '../onnx/data-type.ts';
import { nameAt } from '../onnx/operands.ts';
import { checkSixteenBit } from './instance.ts';
import { takeIn } from './take-in.ts';
import type { Form } from './types.ts';

export const weightNorm: Form = {
  name: 'weight-norm',
  summary: 'the weight of the layer before it as length and direction, g v/‖v‖',
  oneStage: () => true,
  takesIn: true,
  weightTerms: ({ view, reduced }) => reduced.reduce((product, axis) => product * (view[axis] as number), 1),
  check: ({ before, elementType }, opset) => {
    if (before === undefined) return 'it does not follow a linear layer';
    return typeof before === 'string' ? before : checkSixteenBit(elementType, opset);
  },
  build(site, builder) {
    takeIn(site, builder, (linear, scale) => {
      const { directions, lengths, changed } = directionsOf(linear);
      const gains = lengths.map((length, channel) => length * (scale[channel] as number));
      // (2)
      const isThere = linear.isInitializer && !changed;
      const v = isThere ? nameAt(linear.node.input, 1) : builder.parameter('weight', linear.dims, directions);
      return normalized(v, gains, linear, site.elementType, builder);
    });
  },
};

function normalized(
  v: string,
  gains: Float64Array,
  { dims, view, reduced }: Linear,
  elementType: DataType,
  builder: Builder,
): string {
  const half = isHalf(elementType);
  const isSplit = view.length !== dims.length;
  // (4)
  const wide = half ? builder.cast('WidenV', v, DataType.FLOAT) : v;
  // (3)
  const whole = isSplit ? builder.reshape('View', wide, view) : wide;
  const square = builder.node('Mul', 'Square', [whole, whole]);
  const length = builder.node('Sqrt', 'Length', [builder.sum('SumOfSquares', square, ...reduced)]);
  const g = builder.parameter(
    'gain',
    view.map((dim, axis) => (reduced.includes(axis) ? 1 : dim)),
    gains,
  );
  const factor = builder.node('Div', 'Factor', [half ? builder.cast('WidenG', g, DataType.FLOAT) : g, length]);
  const scaled = builder.node('Mul', 'Weight', [whole, factor]);
  const restored = isSplit ? builder.reshape('Restore', scaled, dims) : scaled;
  return half ? builder.cast('Narrow', restored, elementType) : restored;
}
