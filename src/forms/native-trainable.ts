/**
 * x → LayerNormalization(γ′, β′) → y, Mean, InvStdDev
 *
 * x, y: [N, C, 1, …]; γ′, β′: [C, 1, …]. As `native` for layer norm, with all three outputs: onnxruntime-training builds its
 * gradient from Mean and InvStdDev, and can't where they are left out.
 *
 * 1. layer norm alone: the other operators have no gradient there.
 * 2. One number a channel (rank 2, or every spatial size is 1): its kernel takes a γ′ of the very shape of what is
 *    normalised, and broadcasts none.
 *
 * https://onnx.ai/onnx/operators/onnx__LayerNormalization.html
 */
import { buildLayer, checkLayer } from './native.ts';
import type { Form } from './types.ts';

export const nativeTrainable: Form = {
  name: 'native-trainable',
  summary: 'LayerNormalization with the further outputs that its gradient needs',
  oneStage: () => true,
  check: (site, opset) => {
    // (1)
    if (site.norm !== 'layer') return 'only LayerNormalization has a gradient';
    // (2)
    if (site.shape?.slice(2).some((dim) => dim !== 1)) return 'its kernel broadcasts no γ over positions';
    return checkLayer(site, opset);
  },
  build: (site, builder) => buildLayer(site, builder, ['Mean', 'InvStdDev']),
};
