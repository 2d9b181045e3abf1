/**
 * x → GroupNormalization(γ, β) → y
 *
 * Opset 21 and later has one γ per channel; 18 to 20 has one per group, which is one for each of its channels too.
 *
 * https://onnx.ai/onnx/operators/onnx__GroupNormalization.html
 */

import type { Parameter } from '../../graph/graph-view.ts';
import { floatAttribute, intAttribute } from '../../onnx/attributes.ts';
import { nameAt } from '../../onnx/operands.ts';
import { makeTensor } from '../../onnx/tensor.ts';
import { DEFAULT_EPSILON } from './common.ts';
import type { Recogniser } from './types.ts';

export const native: Recogniser = {
  name: 'native',
  summary: 'the GroupNormalization operator',
  anchors: (node) => node.opType === 'GroupNormalization',
  recognise(node, view) {
    const [input = '', scaleName = '', biasName = ''] = node.input;
    const groups = intAttribute(node, 'num_groups', 0);
    const [scale, bias] = [view.parameter(scaleName), view.parameter(biasName)];
    const [scales, biases] = [view.numbers(scaleName), view.numbers(biasName)];
    if (scale === undefined || bias === undefined || scales === undefined || biases === undefined) return undefined;
    const channels = view.type(input).shape?.[1] ?? scales.length;
    if (groups < 1 || channels < 1 || channels % groups !== 0 || biases.length !== scales.length) return undefined;
    if (scales.length !== channels && scales.length !== groups) return undefined;
    return {
      norm: 'group',
      form: 'native',
      input,
      output: nameAt(node.output, 0),
      channels,
      groups,
      epsilon: floatAttribute(node, 'epsilon', DEFAULT_EPSILON),
      scale: perChannel(scale, scales, channels),
      bias: perChannel(bias, biases, channels),
    };
  },
};

/** One number a group → one a channel. */
function perChannel(parameter: Parameter, numbers: Float64Array, channels: number): Parameter {
  if (numbers.length === channels) return parameter;
  const size = channels / numbers.length;
  const repeated = Float64Array.from({ length: channels }, (_, c) => numbers[Math.floor(c / size)] as number);
  return { ...parameter, tensor: makeTensor(parameter.name, parameter.tensor.dataType ?? 0, [channels], repeated) };
}
