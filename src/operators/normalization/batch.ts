/**
 * BatchNormalization in inference form, an affine map of each channel: with r = 1/√(σ²+ε),
 * dx = dy·γ r, dγ = r·Σ dy (x − μ), dβ = Σ dy. μ and σ² are running statistics, and get no gradient.
 */
import { floatAttribute, intAttribute } from '../../onnx/attributes.ts';
import { type Gradient, type GradientContext, ofOutput, wanted } from '../gradient-rule.ts';
import { batchTrainingGradient, spellBatchTraining } from './batch-training.ts';

function isTraining(g: GradientContext): boolean {
  return intAttribute(g.node, 'training_mode', 0) !== 0;
}

const inferenceGradient = ofOutput((g, dy) => {
  const x = g.input(0);
  const dims = g.dims(x);
  const shape = [dims[1] as number, ...dims.slice(2).map(() => 1)];
  const axes = g.ints([...dims.keys()].filter((axis) => axis !== 1));
  const [scale, mean, variance] = [g.input(1), g.input(3), g.input(4)];
  const r = g.op('Reciprocal', [
    g.op('Sqrt', [g.op('Add', [variance, g.scalar(floatAttribute(g.node, 'epsilon', 1e-5))])]),
  ]);
  const along = (value: string) => (shape.length === 1 ? value : g.op('Reshape', [value, g.ints(shape)]));
  const sum = (value: string) => g.op('ReduceSum', [value, axes], { keepdims: 0 });
  return wanted(
    g,
    () => g.op('Mul', [dy, along(g.op('Mul', [scale, r]))]),
    () => g.op('Mul', [sum(g.op('Mul', [dy, g.op('Sub', [x, along(mean)])])), r]),
    () => sum(dy),
  );
});

export const batchNormalization: Gradient = {
  proof: 'linear',
  rule: (g) => (isTraining(g) ? batchTrainingGradient(g) : inferenceGradient(g)),
  spelling: (g) => (isTraining(g) ? spellBatchTraining(g) : undefined),
  held: { inputs: [3, 4], what: 'running statistics' },
};
