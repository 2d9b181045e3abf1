/**
 * x → LayerNormalization(γ, β) over axis 1 and all that follow → y
 *
 * Layer norm of feature maps as its own operator: one group, G = 1. γ and β are [C, 1, …]; one for each position, or along the
 * last axis as in a transformer, is another norm.
 *
 * https://onnx.ai/onnx/operators/onnx__LayerNormalization.html
 */
import { floatAttribute, intAttribute } from '../../onnx/attributes.ts';
import { nameAt } from '../../onnx/operands.ts';
import { isPerChannel } from './affine.ts';
import { DEFAULT_EPSILON } from './common.ts';
import type { Recogniser } from './types.ts';

export const layerNormalization: Recogniser = {
  name: 'layer-normalization',
  summary: 'the LayerNormalization operator over channels and positions, with a γ for each channel',
  anchors: (node) => node.opType === 'LayerNormalization',
  recognise(node, view) {
    const [input = '', scaleName = '', biasName = ''] = node.input;
    const shape = view.type(input).shape;
    const dims = view.dims(scaleName);
    const scale = view.parameter(scaleName);
    const channels = view.numbers(scaleName)?.length ?? 0;
    const axis = intAttribute(node, 'axis', -1);
    const rank = shape?.length ?? rankOf(dims, axis);
    if (scale === undefined || rank === undefined || (axis < 0 ? axis + rank : axis) !== 1) return undefined;
    if (channels < 1 || (shape?.[1] ?? channels) !== channels || !isPerChannel(dims, channels)) return undefined;
    // [C] is along the last axis, which is the channels' only where there is no other.
    if (rank > 2 && (dims === undefined || dims.length < rank - 1)) return undefined;
    const bias = view.parameter(biasName, channels);
    if (biasName !== '' && bias === undefined) return undefined;
    return {
      norm: 'layer',
      form: node.output.slice(1).some((name) => name !== '') ? 'native-trainable' : 'native',
      input,
      output: nameAt(node.output, 0),
      channels,
      groups: 1,
      scale,
      bias,
      rank,
      epsilon: floatAttribute(node, 'epsilon', DEFAULT_EPSILON),
    };
  },
};

/**
 * The rank of x by what is normalised, where the graph does not tell it. [C] counted from the end says nothing: it is the last
 * axis of a transformer more often than the only one of a table.
 */
function rankOf(dims: readonly number[] | undefined, axis: number): number | undefined {
  if (dims === undefined || (axis < 0 && dims.length < 2)) return undefined;
  return dims.length + 1;
}
