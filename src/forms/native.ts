/**
 * x → GroupNormalization(γ′, β′) → y, or LayerNormalization, or InstanceNormalization
 *
 * x, y: [N, C, D₁, …]; γ′, β′: [C], for layer norm [C, 1, …].
 *
 * 1. group: opset 21 and later, as GroupNormalization-18 has one γ′ per group and is deprecated; rank 3 and more. Statistics
 *    of 16-bit types are float32 (`stash_type`), of float64 they are float64.
 * 2. layer: opset 17 and later, known rank. Over axes 1 and on, with a γ′ that the operator broadcasts to them. Its statistics
 *    are never float64.
 * 3. instance: rank 3 and more, no 16-bit types: the operator does not say that it sums them in float32.
 *
 * https://onnx.ai/onnx/operators/onnx__GroupNormalization.html
 * https://onnx.ai/onnx/operators/onnx__LayerNormalization.html
 * https://onnx.ai/onnx/operators/onnx__InstanceNormalization.html
 */

import type { Builder } from '../onnx/builder.ts';
import { DataType, dataTypeName, isHalf } from '../onnx/data-type.ts';
import { perChannel } from './affine.ts';
import type { Form, FormSite } from './types.ts';

export const native: Form = {
  name: 'native',
  summary: 'the operator itself: GroupNormalization of opset 21, LayerNormalization of 17, InstanceNormalization',
  oneStage: () => true,
  // GroupNormalization is defined so, and the CPU provider runs the definition. Its LayerNormalization was measured exact.
  bySquares: ['group'],
  check: (site, opset) => (OPERATORS[site.norm] as Operator).check(site, opset),
  build: (site, builder) => (OPERATORS[site.norm] as Operator).build(site, builder),
};

type Operator = Pick<Form, 'check' | 'build'>;

const OPERATORS: Readonly<Record<string, Operator>> = {
  group: {
    check: ({ shape }, opset) => {
      if (opset < 21) return `GroupNormalization with a γ per channel needs opset 21; the model has ${opset}`;
      return needsSpace('GroupNormalization', shape);
    },
    build({ input, output, elementType, channels, groups, epsilon }, builder) {
      const inputs = [input, builder.parameter('scale', [channels]), builder.parameter('bias', [channels])];
      const stash = elementType === DataType.DOUBLE ? { stash_type: DataType.DOUBLE } : {};
      const attributes = { epsilon: { float: epsilon }, num_groups: groups, ...stash };
      builder.node('GroupNormalization', 'GroupNormalization', inputs, attributes, output);
    },
  },
  layer: {
    check: checkLayer,
    build: (site, builder) => buildLayer(site, builder, []),
  },
  instance: {
    check: ({ shape, elementType }) => {
      if (isHalf(elementType)) return `InstanceNormalization of ${dataTypeName(elementType)} may sum in 16 bits`;
      return needsSpace('InstanceNormalization', shape);
    },
    build({ input, output, channels, epsilon }, builder) {
      const inputs = [input, builder.parameter('scale', [channels]), builder.parameter('bias', [channels])];
      const attributes = { epsilon: { float: epsilon } };
      builder.node('InstanceNormalization', 'InstanceNormalization', inputs, attributes, output);
    },
  },
};

function needsSpace(operator: string, shape: FormSite['shape']): string | undefined {
  return shape !== undefined && shape.length < 3 ? `${operator} needs at least one spatial axis` : undefined;
}

/** (2) */
export function checkLayer({ shape, elementType }: FormSite, opset: number): string | undefined {
  if (opset < 17) return `LayerNormalization needs opset 17; the model has ${opset}`;
  if (shape === undefined) return 'LayerNormalization needs a known rank';
  return elementType === DataType.DOUBLE ? 'LayerNormalization computes its statistics in float32' : undefined;
}

/** Adds LayerNormalization; the roles name its further outputs, Mean and InvStdDev. */
export function buildLayer(site: FormSite, builder: Builder, more: readonly string[]): void {
  const { input, output, channels, epsilon, shape = [] } = site;
  const dims = perChannel(channels, shape.length);
  const inputs = [input, builder.parameter('scale', dims), builder.parameter('bias', dims)];
  const attributes = { axis: 1, epsilon: { float: epsilon } };
  builder.node('LayerNormalization', 'LayerNormalization', inputs, attributes, output, more);
}
