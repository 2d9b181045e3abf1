/**
 * x → BatchNormalization(γ, β, μ, σ²) → y
 *
 * x, y: [N, C, D₁, …]; γ, β, μ, σ²: [C], each pair of the type that it had in the source. In inference mode; the momentum that
 * a trainer updates μ and σ² with is the source's.
 *
 * https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
 */
import type { Form } from './types.ts';

export const batchNormalization: Form = {
  name: 'batch-normalization',
  summary: 'the operator itself, in inference mode',
  oneStage: () => true,
  otherwise: true,
  keepsTypes: true,
  check: ({ more }) => (more?.mean === undefined ? 'it has no running statistics' : undefined),
  build({ input, output, channels, epsilon, momentum }, builder) {
    const parameters = (['scale', 'bias', 'mean', 'variance'] as const).map((role) =>
      builder.parameter(role, [channels]),
    );
    const rate = momentum === undefined ? {} : { momentum: { float: momentum } };
    builder.node(
      'BatchNormalization',
      'Norm',
      [input, ...parameters],
      { epsilon: { float: epsilon }, ...rate },
      output,
    );
  },
};
