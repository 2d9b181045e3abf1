/** Norms as other exporters write them. */
import { Net, type NetOptions } from '../../fixtures/build.ts';
import { standingNorms } from '../../src/find/standing/index.ts';
import type { StandingNorm } from '../../src/find/standing/types.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import { makeTensor } from '../../src/onnx/tensor.ts';

export const CHANNELS = 8;
export const GROUPS = 2;
const EPSILON = 1e-3;

/** A list of integers, stored. */
function ints(net: Net, name: string, ...values: number[]): string {
  return net.add(makeTensor(name, DataType.INT64, [values.length], values));
}

/** How PyTorch's exporter wrote a GroupNorm. */
export interface TorchOptions extends NetOptions {
  /** Where the shape to come back to is from: folded into a constant, Shape(x), or put together from pieces of it. */
  readonly back?: 'constant' | 'shape' | 'pieces';
  /** How γ and β get their spatial axes: stored with them, or by Unsqueeze. */
  readonly affine?: 'stored' | 'unsqueezed' | 'none';
  readonly batch?: number;
  /** Whether the ones and zeros of the operator are repeated of one number, as by dynamo. */
  readonly isRepeated?: boolean;
}

/** [batch, 3, 4, 4] → Conv → GroupNorm of 8 channels in 2 groups → Relu. */
export function torchGroupNorm({
  back = 'constant',
  affine = 'stored',
  batch = 2,
  isRepeated = false,
  ...options
}: TorchOptions = {}): Net {
  const net = new Net(options);
  const x = net.conv(net.input('x', [back === 'constant' ? batch : 'n', 3, 4, 4]), 3, CHANNELS, { kernel: 3 });
  const grouped = net.node('Reshape', [x, ints(net, 'rows', 0, GROUPS, -1)]);
  const all = (name: string, value: number) => {
    if (!isRepeated) return net.add(makeTensor(name, DataType.FLOAT, [GROUPS], [value, value]));
    const one = net.node('CastLike', [net.add(makeTensor(name, DataType.FLOAT, [], [value])), x]);
    return net.node('Expand', [one, ints(net, `${name}_count`, GROUPS)]);
  };
  const parameters = [all('ones', 1), all('zeros', 0)];
  const normal = net.node('InstanceNormalization', [grouped, ...parameters], { epsilon: { float: EPSILON } });
  const shape = () => {
    if (back === 'constant') return ints(net, 'size', batch, CHANNELS, 4, 4);
    const whole = net.node('Shape', [x]);
    if (back === 'shape') return whole;
    const first = net.node('Gather', [whole, net.add(makeTensor('zero', DataType.INT64, [], [0]))]);
    const batchSize = net.node('Unsqueeze', [first, ints(net, 'axis', 0)]);
    return net.node('Concat', [batchSize, ints(net, 'rest', CHANNELS, 4, 4)], { axis: 0 });
  };
  const restored = net.node('Reshape', [normal, shape()]);
  const parameter = (name: string) => {
    if (affine === 'stored') return net.weight(name, [CHANNELS, 1, 1]);
    const axes = net.initializers.some((it) => it.name === 'axes') ? 'axes' : ints(net, 'axes', 1, 2);
    return net.node('Unsqueeze', [net.weight(name, [CHANNELS]), axes]);
  };
  const y =
    affine === 'none'
      ? restored
      : net.node('Add', [net.node('Mul', [restored, parameter('gamma')]), parameter('beta')]);
  return net.output(net.relu(y));
}

/** The norms of a model, whose every node keeps its name. */
export function normsOf(model: Model): readonly StandingNorm[] {
  return standingNorms(model).norms;
}
