/**
 * BatchNormalization in training mode, over the batch's own statistics: d = x − mean, r = 1/√(mean d² + ε), h = d·r, y = h·γ + β:
 *   dγ = Σ dy·h, dβ = Σ dy, dx = γ·r·(dy − mean dy − h·mean(dy·h)),
 * with sums and means over all axes but the channels'. Models in inference have it too: networks with scaled weights (NFNets) write
 * the standardization of a weight this way.
 */
import { floatAttribute } from '../../onnx/attributes.ts';
import { type GradientContext, sizeOf, wanted } from '../gradient-rule.ts';
import { reshapeTo } from '../shaping.ts';

/** Along the channels, and what it takes to sum over everything else. */
function layout(g: GradientContext) {
  const dims = g.dims(g.input(0));
  const shape = dims.map((dim, axis) => (axis === 1 ? dim : 1));
  const axes = g.ints([...dims.keys()].filter((axis) => axis !== 1));
  return { along: (value: string) => reshapeTo(g, value, shape), axes };
}

/** Writes the norm by means, and the running statistics if the node gives them; keeps h and r. */
export function spellBatchTraining(g: GradientContext): Record<string, string> {
  const [x, scale, bias] = [g.input(0), g.input(1), g.input(2)];
  const { along, axes } = layout(g);
  const meanOf = (value: string) => g.op('ReduceMean', [value, axes], { keepdims: 1 });
  const mean = meanOf(x);
  const d = g.op('Sub', [x, mean]);
  const variance = meanOf(g.op('Mul', [d, d]));
  const epsilon = g.scalar(floatAttribute(g.node, 'epsilon', 1e-5));
  const r = g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, epsilon])])]);
  const h = g.op('Mul', [d, r]);
  g.op('Add', [g.op('Mul', [h, along(scale)]), along(bias)], {}, g.output(0));
  const momentum = floatAttribute(g.node, 'momentum', 0.9);
  for (const [index, batch] of [mean, variance].entries()) {
    const output = g.node.output[1 + index];
    if (!output) continue;
    const running = g.input(3 + index);
    const kept = g.op('Mul', [running, g.scalar(momentum)]);
    const flat = reshapeTo(g, batch, g.dims(running));
    g.op('Add', [kept, g.op('Mul', [flat, g.scalar(1 - momentum)])], {}, output);
  }
  return { h, r, d };
}

export function batchTrainingGradient(g: GradientContext): (string | undefined)[] {
  const dy = g.gradient(0);
  const statistics = throughStatistics(g);
  if (dy === undefined) return statistics;
  const [h, r] = [g.saved('h'), g.saved('r')];
  const { along, axes } = layout(g);
  const fold = (op: 'ReduceMean' | 'ReduceSum', value: string, keepdims: number) =>
    g.op(op, [value, axes], { keepdims });
  const byH = g.op('Mul', [dy, h]);
  const dx = () => {
    const centred = g.op('Sub', [dy, fold('ReduceMean', dy, 1)]);
    const rest = g.op('Sub', [centred, g.op('Mul', [h, fold('ReduceMean', byH, 1)])]);
    return g.op('Mul', [rest, g.op('Mul', [r, along(g.input(1))])]);
  };
  const [more] = statistics;
  const own = wanted(
    g,
    () => (more === undefined ? dx() : g.op('Add', [dx(), more])),
    () => fold('ReduceSum', byH, 0),
    () => fold('ReduceSum', dy, 0),
  );
  return [...own, ...statistics.slice(3)];
}

/**
 * What arrives through running statistics that someone reads: m·μ + (1 − m)·mean x and m·σ² + (1 − m)·mean d², so
 * dx = (1 − m)/n·(dμ′ + 2 d·dσ²′) and dμ = m·dμ′, dσ² = m·dσ²′.
 */
function throughStatistics(g: GradientContext): (string | undefined)[] {
  const [dMean, dVariance] = [g.gradient(1), g.gradient(2)];
  if (dMean === undefined && dVariance === undefined) return [];
  const momentum = floatAttribute(g.node, 'momentum', 0.9);
  const { along } = layout(g);
  const dims = g.dims(g.input(0));
  const share = g.scalar(((1 - momentum) * (dims[1] as number)) / sizeOf(dims));
  const terms = [
    dMean && g.op('Expand', [g.op('Mul', [along(dMean), share]), g.ints(dims)]),
    dVariance && g.op('Mul', [g.saved('d'), g.op('Mul', [along(dVariance), g.op('Mul', [share, g.scalar(2)])])]),
  ].filter((term) => term !== undefined);
  const old = [dMean, dVariance].map((d) => d && g.op('Mul', [d, g.scalar(momentum)]));
  return [terms.reduce((one, other) => g.op('Add', [one, other])), undefined, undefined, ...old];
}
