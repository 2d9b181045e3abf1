/**
 * x → InstanceNormalization(γ, β) → y
 *
 * Instance norm as its own operator: a group of each channel, G = C. One whose input is reshaped to groups is the heart of
 * another spelling, see instance.ts.
 *
 * https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html
 */
import { floatAttribute } from '../../onnx/attributes.ts';
import { nameAt } from '../../onnx/operands.ts';
import { DEFAULT_EPSILON } from './common.ts';
import type { Recogniser } from './types.ts';

export const instanceNormalization: Recogniser = {
  name: 'instance-normalization',
  summary: 'the InstanceNormalization operator by itself',
  anchors: (node) => node.opType === 'InstanceNormalization',
  recognise(node, view) {
    const [input = '', scaleName = '', biasName = ''] = node.input;
    const [scale, bias] = [view.parameter(scaleName), view.parameter(biasName)];
    const channels = scale === undefined ? 0 : (view.numbers(scaleName)?.length ?? 0);
    const known = view.type(input).shape?.[1];
    if (scale === undefined || bias === undefined || channels < 1 || (known ?? channels) !== channels) return undefined;
    const epsilon = floatAttribute(node, 'epsilon', DEFAULT_EPSILON);
    return {
      norm: 'instance',
      form: 'native',
      input,
      output: nameAt(node.output, 0),
      channels,
      groups: channels,
      epsilon,
      scale,
      bias,
    };
  },
};
