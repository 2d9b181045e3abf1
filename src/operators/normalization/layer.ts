/**
 * LayerNormalization and RMSNormalization over the last axes.
 *
 * d = x − mean (x itself for RMS), r = 1/√(mean d² + ε), h = d·r, y = h·γ + β:
 *   dγ = Σ dy·h, dβ = Σ dy over the axes before
 *   with e = dy·γ: dx = r·(e − mean e − h·mean(e·h)), without the mean of e for RMS.
 */
import { floatAttribute, intAttribute } from '../../onnx/attributes.ts';
import { type GradientContext, wanted, wrapAxis } from '../gradient-rule.ts';

function normalizedAxes(g: GradientContext): number[] {
  const rank = g.dims(g.input(0)).length;
  const first = wrapAxis(intAttribute(g.node, 'axis', -1), rank);
  return Array.from({ length: rank - first }, (_, at) => first + at);
}

/** Writes the norm; keeps h and r. */
export function spellLayer(g: GradientContext, centred: boolean): Record<string, string> {
  const [x, scale, bias] = [g.input(0), g.input(1), g.input(2)];
  const axes = g.ints(normalizedAxes(g));
  const mean = (value: string, output?: string) => g.op('ReduceMean', [value, axes], { keepdims: 1 }, output);
  const d = centred ? g.op('Sub', [x, mean(x, g.node.output[1] || undefined)]) : x;
  const variance = mean(g.op('Mul', [d, d]));
  const deviation = g.op('Sqrt', [g.op('Add', [variance, g.scalar(floatAttribute(g.node, 'epsilon', 1e-5))])]);
  const r = g.op('Reciprocal', [deviation], {}, g.node.output[2] || undefined);
  const h = g.op('Mul', [d, r]);
  if (bias === '') g.op('Mul', [h, scale], {}, g.output(0));
  else g.op('Add', [g.op('Mul', [h, scale]), bias], {}, g.output(0));
  return { h, r };
}

export function layerGradient(g: GradientContext, centred: boolean): (string | undefined)[] {
  const dy = g.gradient(0);
  if (dy === undefined || [1, 2].some((index) => g.gradient(index) !== undefined)) {
    g.refuse('its mean or deviation is read by other nodes');
  }
  const [x, scale, bias] = [g.input(0), g.input(1), g.input(2)];
  const [h, r] = [g.saved('h'), g.saved('r')];
  const dims = g.dims(x);
  const axes = g.ints(normalizedAxes(g));
  const mean = (value: string) => g.op('ReduceMean', [value, axes], { keepdims: 1 });
  const dx = () => {
    const e = g.op('Mul', [dy, scale]);
    const along = g.op('Mul', [h, mean(g.op('Mul', [e, h]))]);
    const rest = centred ? g.op('Sub', [g.op('Sub', [e, mean(e)]), along]) : g.op('Sub', [e, along]);
    return g.op('Mul', [rest, r]);
  };
  return wanted(
    g,
    dx,
    () => g.sumTo(g.op('Mul', [dy, h]), dims, g.dims(scale)),
    () => g.sumTo(dy, dims, g.dims(bias)),
  );
}
