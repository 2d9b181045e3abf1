/** Gradients of norms. Those over the input's own statistics are written by means in the training graph. */
import { floatAttribute, intAttribute } from '../../onnx/attributes.ts';
import { type GradientContext, type Gradients, ofOutput, sizeOf, smooth, spelled, wrapAxis } from '../gradient-rule.ts';
import { batchNormalization } from './batch.ts';
import { type Grouped, groupedGradient, spellGrouped } from './grouped.ts';
import { layerGradient, spellLayer } from './layer.ts';

function groupNorm(g: GradientContext): Grouped {
  const dims = g.dims(g.input(0));
  return {
    x: g.input(0),
    dims,
    groups: intAttribute(g.node, 'num_groups', 1),
    epsilon: floatAttribute(g.node, 'epsilon', 1e-5),
    scale: g.input(1),
    bias: g.input(2),
    // At opset 18 to 20 the parameters were one a group.
    perChannel: g.opset >= 21 || sizeOf(g.dims(g.input(1))) === dims[1],
  };
}

function instanceNorm(g: GradientContext): Grouped {
  const dims = g.dims(g.input(0));
  return {
    x: g.input(0),
    dims,
    groups: dims[1] as number,
    epsilon: floatAttribute(g.node, 'epsilon', 1e-5),
    scale: isAll(g, g.input(1), 1) ? '' : g.input(1),
    bias: isAll(g, g.input(2), 0) ? '' : g.input(2),
    perChannel: true,
  };
}

/** Whether a parameter is a constant that does nothing, as exporters write where a norm has none of its own. */
function isAll(g: GradientContext, name: string, value: number): boolean {
  return g.constant(name)?.values.every((it) => it === value) ?? false;
}

function grouped(read: (g: GradientContext) => Grouped) {
  return spelled(
    (g) => spellGrouped(g, read(g), g.output(0)),
    ofOutput((g, dy) => groupedGradient(g, read(g), dy)),
  );
}

/** y = x·(k + α/n Σ x² over n channels around)^−β: dx = dy·s^−β − (2αβ/n)·x·Σ dy·y/s over the same channels. */
const lrn = smooth((g, dy) => {
  const [alpha, beta, bias] = [
    floatAttribute(g.node, 'alpha', 1e-4),
    floatAttribute(g.node, 'beta', 0.75),
    floatAttribute(g.node, 'bias', 1),
  ];
  const size = intAttribute(g.node, 'size', 1);
  const x = g.input(0);
  const before = Math.floor((size - 1) / 2);
  const s = g.op('Add', [
    g.op('Mul', [channelSums(g, g.op('Mul', [x, x]), size, before), g.scalar(alpha / size)]),
    g.scalar(bias),
  ]);
  const straight = g.op('Mul', [dy, g.op('Pow', [s, g.scalar(-beta)])]);
  // Channel c feeds the sums of those that have it in their window: the window the other way round.
  const around = channelSums(g, g.op('Div', [g.op('Mul', [dy, g.output(0)]), s]), size, size - 1 - before);
  return [g.op('Sub', [straight, g.op('Mul', [g.op('Mul', [x, around]), g.scalar((2 * alpha * beta) / size)])])];
});

/** For each channel the sum over `size` channels, `before` of them before it. */
function channelSums(g: GradientContext, value: string, size: number, before: number): string {
  const dims = g.dims(g.input(0));
  const [batch, channels] = dims as [number, number];
  const apart = g.op('Reshape', [value, g.ints([batch, 1, channels, sizeOf(dims.slice(2))])]);
  const means = g.op('AveragePool', [apart], {
    kernel_shape: [size, 1],
    pads: [before, 0, size - 1 - before, 0],
    count_include_pad: 1,
  });
  return g.op('Reshape', [g.op('Mul', [means, g.scalar(size)]), g.ints(dims)]);
}

/** y = x / ‖x‖ₚ along one axis. */
const lpNormalization = smooth((g, dy) => {
  const [x, y] = [g.input(0), g.output(0)];
  const axes = g.ints([wrapAxis(intAttribute(g.node, 'axis', -1), g.dims(x).length)]);
  const p = intAttribute(g.node, 'p', 2);
  const norm = g.op(p === 1 ? 'ReduceL1' : 'ReduceL2', [x, axes], { keepdims: 1 });
  const inner = g.op('ReduceSum', [g.op('Mul', [dy, y]), axes], { keepdims: 1 });
  const direction = p === 1 ? g.op('Sign', [x]) : y;
  return [g.op('Div', [g.op('Sub', [dy, g.op('Mul', [direction, inner])]), norm])];
});

export const normalization: Gradients = {
  BatchNormalization: batchNormalization,
  GroupNormalization: grouped(groupNorm),
  InstanceNormalization: grouped(instanceNorm),
  LRN: lrn,
  LayerNormalization: spelled(
    (g) => spellLayer(g, true),
    (g) => layerGradient(g, true),
  ),
  LpNormalization: lpNormalization,
  RMSNormalization: spelled(
    (g) => spellLayer(g, false),
    (g) => layerGradient(g, false),
  ),
};
