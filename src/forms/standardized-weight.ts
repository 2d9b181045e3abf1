/** w → ReduceMean → m;  d = w − m;  d·d → ReduceMean → v;  ŵ = d/√(v + ε): nodes that read a weight alone. */
import type { Linear } from '../find/types.ts';
import { STANDARDIZE_EPSILON } from '../norms/standardize.ts';
import type { Builder } from '../onnx/builder.ts';
import { DataType, isHalf } from '../onnx/data-type.ts';

/**
 * Adds what makes ŵ, and the layer that reads it in place of w.
 *
 * @param weight name of w
 * @param input of the layer
 */
export function addStandardizedLayer(
  linear: Linear,
  weight: string,
  input: string,
  builder: Builder,
  output?: string,
): string {
  const { node, dims, view, reduced, weight: tensor } = linear;
  const type = tensor.dataType ?? DataType.FLOAT;
  const wide = isHalf(type) ? DataType.FLOAT : type;
  const isSplit = view.length !== dims.length;
  const w = wide === type ? weight : builder.cast('WidenWeight', weight, wide);
  const whole = isSplit ? builder.reshape('WeightView', w, view) : w;
  const difference = builder.node('Sub', 'WeightSub', [whole, builder.mean('WeightMean', whole, ...reduced)]);
  const square = builder.node('Mul', 'WeightSquare', [difference, difference]);
  const epsilon = builder.scalar('weight_epsilon', wide, STANDARDIZE_EPSILON);
  const stabilized = builder.node('Add', 'WeightEpsilon', [
    builder.mean('WeightVariance', square, ...reduced),
    epsilon,
  ]);
  const deviation = builder.node('Sqrt', 'WeightDeviation', [stabilized]);
  const standardized = builder.node('Div', 'StandardizedWeight', [difference, deviation]);
  const restored = isSplit ? builder.reshape('WeightRestore', standardized, dims) : standardized;
  const narrow = wide === type ? restored : builder.cast('NarrowWeight', restored, type);
  return builder.copy(node, [input, narrow, ...node.input.slice(2)], output);
}
