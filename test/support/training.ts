/** Small models and data that training is tested on. */
import { Net } from '../../fixtures/build.ts';
import { labelledOf } from '../../src/inputs/labelled/memory.ts';
import type { LabelledData } from '../../src/inputs/labelled/types.ts';
import { Random } from '../../src/inputs/random.ts';
import { DataType } from '../../src/onnx/data-type.ts';
import type { Model } from '../../src/onnx/model.ts';
import type { Value } from '../../src/runtime/session.ts';

const CLASSES = ['dark', 'middle', 'bright'] as const;

/** Conv, a norm, Relu, the mean of each map, a last layer and Softmax: x [N, 3, 8, 8] → p [N, 3]. */
export function classifier({ batch = 'N' as string | number, softmax = true, seed = 3 } = {}): Model {
  const net = new Net({ seed });
  const x = net.input('x', [batch, 3, 8, 8]);
  const map = net.relu(net.bn(net.conv(x, 3, 4, { kernel: 3 }), 4));
  const row = net.node('Flatten', [net.node('GlobalAveragePool', [map])]);
  const head = net.node('Gemm', [row, net.weight('head.w', [4, 3]), net.weight('head.b', [3])], {}, { name: 'head' });
  net.node(softmax ? 'Softmax' : 'Identity', [head], softmax ? { axis: 1 } : {}, { outputs: ['p'] });
  return net.output('p', [batch, 3]).model();
}

/** Noise whose mean tells the class. */
export function pictures(count: number, seed: number): { inputs: Value; labels: Int32Array } {
  const random = new Random(seed);
  const labels = Int32Array.from({ length: count }, (_, index) => index % 3);
  const data = new Float32Array(count * 192);
  for (let i = 0; i < data.length; i++) data[i] = 0.4 * random.normal() + (labels[Math.floor(i / 192)] as number) - 1;
  return { inputs: { type: DataType.FLOAT, dims: [count, 3, 8, 8], data }, labels };
}

export function labelledPictures(count: number, seed: number): LabelledData {
  const { inputs, labels } = pictures(count, seed);
  return labelledOf({ x: inputs }, { kind: 'class', labels, classes: CLASSES });
}

/** One layer without a norm: x [N, 2] → y [N, 1] = x·w + b, whose gradient is known in closed form. */
export function line(): Model {
  const net = new Net();
  const x = net.input('x', ['N', 2]);
  net.node('Gemm', [x, net.weight('w', [2, 1], [0.5, -1]), net.weight('b', [1], [0.25])], {}, { outputs: ['y'] });
  return net.output('y', ['N', 1]).model();
}

/** Points on a plane. */
export function points(count: number, seed = 1): LabelledData {
  const random = new Random(seed);
  const x = Float32Array.from({ length: 2 * count }, () => random.normal());
  const y = Float32Array.from({ length: count }, (_, i) => 2 * (x[2 * i] as number) + 3 * (x[2 * i + 1] as number) - 1);
  const inputs = { x: { type: DataType.FLOAT, dims: [count, 2], data: x } };
  return labelledOf(inputs, { kind: 'values', values: { y: { type: DataType.FLOAT, dims: [count, 1], data: y } } });
}

/** A loss of one's own: the mean of weight · (y − wanted)², with a weight for each sample. */
export function weightedLoss({ output = 'y', batch = 'N' as string | number } = {}): Model {
  const net = new Net();
  const y = net.input(output, [batch, 1]);
  const wanted = net.input('wanted', [batch, 1]);
  const weight = net.input('weight', [batch, 1]);
  const error = net.node('Sub', [y, wanted]);
  const squares = net.node('Mul', [weight, net.node('Mul', [error, error])]);
  net.node('ReduceMean', [squares], { keepdims: 0 }, { outputs: ['loss'] });
  return net.output('loss', []).model();
}
