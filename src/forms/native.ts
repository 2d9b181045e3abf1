/**
 * x → GroupNormalization(γ′, β′) → y
 *
 * x, y: [N, C, D₁, …]; γ′, β′: [C]. Opset 21 and later: GroupNormalization-18 has one γ′ per group and is deprecated.
 * Statistics of 16-bit types are float32 (`stash_type`), of float64 they are float64.
 *
 * https://onnx.ai/onnx/operators/onnx__GroupNormalization.html
 */
import { DataType } from '../onnx/data-type.ts';
import type { Form } from './types.ts';

const FIRST_OPSET = 21;

export const native: Form = {
  name: 'native',
  summary: 'the GroupNormalization operator of opset 21',
  oneStage: () => true,
  // The operator is defined so, and the CPU provider runs the definition.
  bySquares: true,
  check: ({ shape }, opset) => {
    if (opset < FIRST_OPSET)
      return `GroupNormalization with a γ per channel needs opset ${FIRST_OPSET}, the model has ${opset}`;
    if (shape !== undefined && shape.length < 3) return 'GroupNormalization needs at least one spatial axis';
    return undefined;
  },
  build({ input, output, elementType, channels, groups, epsilon }, builder) {
    const inputs = [input, builder.parameter('scale', [channels]), builder.parameter('bias', [channels])];
    builder.node(
      'GroupNormalization',
      'GroupNormalization',
      inputs,
      {
        epsilon: { float: epsilon },
        num_groups: groups,
        ...(elementType === DataType.DOUBLE ? { stash_type: DataType.DOUBLE } : {}),
      },
      output,
    );
  },
};
