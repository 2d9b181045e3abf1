/**
 * x → ReduceMean … → μ_B;  d = x − μ_B;  d·d → ReduceMean … → σ_B²;  r, d by Min and Max;  y = d · γ r/σ_B + (γ d + β)
 *
 * x, y: [N, C, D₁, …]; γ, β, and the moving μ and σ²: [C, 1, …]; r_max, d_max: scalars. All six are initializers; the limits are one
 * for the whole model, `batch_renorm/r_max` and `batch_renorm/d_max`, so that a trainer can move them as it goes.
 *
 * 1. The paper takes no gradient of r and d. ONNX has no operator that stops one: a trainer must, at the values named
 *    `SITE/batch-renorm/R` and `…/D`.
 * 2. Min and Max broadcast from opset 8 on.
 * 3. The axes are averaged one after the other, the batch last.
 * 4. A 16-bit x is cast to float32, and all parameters are float32.
 * 5. Where the rank is unknown, all of it runs on [N, C, −1].
 *
 * https://onnx.ai/onnx/operators/onnx__Min.html
 */
import { isHalf } from '../onnx/data-type.ts';
import { perChannel, restoreShape } from './affine.ts';
import { toChannels } from './grouped-shape.ts';
import { checkSixteenBit } from './instance.ts';
import { parameterType } from './parameter-type.ts';
import type { Form } from './types.ts';

const FIRST_OPSET = 8;

export const renorm: Form = {
  name: 'renorm',
  summary: 'ReduceMean over the batch, Min and Max for the limits',
  oneStage: () => false,
  parameterType,
  check: ({ elementType }, opset) => {
    if (opset < FIRST_OPSET) return `Min and Max need opset ${FIRST_OPSET} to broadcast; the model has ${opset}`;
    return checkSixteenBit(elementType, opset);
  },
  build(site, builder) {
    const { input, output, elementType, shape, channels, epsilon, more } = site;
    const [half, type] = [isHalf(elementType), parameterType(elementType)];
    const op = (opType: string, role: string, ...inputs: string[]) => builder.node(opType, role, inputs);
    const wide = half ? builder.cast('Widen', input, type) : input;
    // (5)
    const x = shape === undefined ? toChannels(wide, site, builder) : wide;
    const rank = shape?.length ?? 3;
    const dims = perChannel(channels, rank);
    // (3)
    const mean = (value: string, role: string) => {
      let at = value;
      for (let axis = rank - 1; axis >= 2; axis--) at = builder.mean(`${role}Axis${axis}`, at, axis);
      return builder.mean(role, at, 0);
    };
    const stabilizer = builder.scalar('epsilon', type, epsilon);
    const root = (variance: string, role: string) =>
      op('Sqrt', role, op('Add', `${role}Epsilon`, variance, stabilizer));
    const moving = {
      mean: builder.parameter('mean', dims),
      variance: builder.parameter('variance', dims),
    };
    const limits = {
      r: builder.shared('batch_renorm/r_max', type, more?.limits?.[0] ?? 1),
      d: builder.shared('batch_renorm/d_max', type, more?.limits?.[1] ?? 0),
    };

    const batchMean = mean(x, 'Mean');
    const difference = op('Sub', 'Sub', x, batchMean);
    const deviation = root(mean(op('Mul', 'Square', difference, difference), 'Variance'), 'Deviation');
    const movingDeviation = root(moving.variance, 'MovingDeviation');
    const ratio = op('Div', 'Ratio', deviation, movingDeviation);
    const r = op('Max', 'R', op('Min', 'RAbove', ratio, limits.r), op('Reciprocal', 'RLeast', limits.r));
    const shift = op('Div', 'Shift', op('Sub', 'MeanDifference', batchMean, moving.mean), movingDeviation);
    const d = op('Max', 'D', op('Min', 'DAbove', shift, limits.d), op('Neg', 'DLeast', limits.d));

    const scale = builder.parameter('scale', dims);
    const gain = op('Mul', 'Gain', scale, op('Div', 'RPerDeviation', r, deviation));
    const summand = op('Add', 'Summand', op('Mul', 'ScaledD', scale, d), builder.parameter('bias', dims));
    const isLast = shape !== undefined && !half;
    const y = builder.node(
      'Add',
      'Add',
      [op('Mul', 'Mul', difference, gain), summand],
      {},
      isLast ? output : undefined,
    );
    if (isLast) return;
    const restored = shape === undefined ? restoreShape(y, site, builder, half ? undefined : output) : y;
    if (half) builder.cast('Narrow', restored, elementType, output);
  },
};
