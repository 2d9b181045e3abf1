/**
 * x → Reshape [0, G, −1] → InstanceNormalization(1, 0) → Reshape back → affine → y
 *
 * Of gn-swap's forms `instance` and `instance-conv`, of PyTorch's exporter and of most others for GroupNorm.
 *
 * 1. The first Reshape has a constant shape of three dimensions, of which the batch may be 0 (copied) or a number; or one computed
 *    from Shape(x), where x may have no element.
 * 2. What the operator scales by is all 1, and what it adds all 0, stored or repeated by Expand, as PyTorch's exporter by dynamo has it;
 *    else that is a flaw.
 * 3. The Reshape back is to a constant shape, to Shape(x), or to what is computed from Shape(x).
 * 4. The affine is Mul and Add of [C, 1, …], also behind Unsqueeze, or a 1×1 depthwise Conv. Where the rank is not known it
 *    comes before the last Reshape, on [N, C, −1]. It may be missing.
 * 5. Casts of 16-bit values may stand around the normalisation.
 */

import type { GraphView } from '../../graph/graph-view.ts';
import { floatAttribute } from '../../onnx/attributes.ts';
import { calledBy, nameAt } from '../../onnx/operands.ts';
import type { NodeProto } from '../../onnx/schema.ts';
import { affineAfter, throughCast } from './affine.ts';
import { DEFAULT_EPSILON, inputOf, rowsIn, uncast } from './common.ts';
import type { Flaw, Recogniser } from './types.ts';

export const instance: Recogniser = {
  name: 'instance',
  summary: 'Reshape, InstanceNormalization, Reshape, and an affine map as Mul and Add or as a depthwise Conv',
  anchors: (node) => node.opType === 'InstanceNormalization',
  recognise(node, view) {
    // (1)
    const grouped = view.maker(nameAt(node.input, 0), 'Reshape');
    const target = grouped && view.ints(nameAt(grouped.input, 1));
    if (grouped === undefined) return undefined;
    const x = uncast(nameAt(grouped.input, 0), view);
    const size = target === undefined ? computedSize(grouped, x, view) : undefined;
    const rows = rowsIn(nameAt(grouped.input, 1), view) ?? 0;
    if (size === undefined && ((target !== undefined && target.length !== 3) || rows < 1)) return undefined;
    // (3)
    const back = view.soleReader(nameAt(node.output, 0), 'Reshape');
    if (back === undefined) return undefined;
    const channels = view.type(x).shape?.[1] ?? channelsBehind(back, view);
    if (channels === undefined) return undefined;
    const groups = size === undefined ? rows : channels / size;
    if (!Number.isInteger(groups) || channels % groups !== 0) return undefined;
    const restored = nameAt(back.output, 0);
    // (4)
    const { scale, bias, output, inConv } = affineAfter(restored, channels, view);
    const last = lastReshape(output, x, view);
    return {
      norm: 'group',
      form: inConv ? 'instance-conv' : 'instance',
      input: inputOf(nameAt(grouped.input, 0), output, view),
      output: last ?? output,
      channels,
      groups,
      epsilon: floatAttribute(node, 'epsilon', DEFAULT_EPSILON),
      scale,
      bias,
      rank: view.type(x).shape?.length ?? view.type(last ?? restored).shape?.length,
      flaws: [...constantFlaws(node, groups, view), ...(target === undefined ? [] : shapeFlaws(target, grouped))],
    };
  },
};

/** C/G of a Reshape to [N, G, k D₁, D₂, …], computed as Shape(x) · [1, 1, k, 1, …] / [1, k, 1, …]. (1) */
function computedSize(grouped: NodeProto, x: string, view: GraphView): number | undefined {
  const division = view.maker(nameAt(grouped.input, 1), 'Div');
  const product = division && view.maker(nameAt(division.input, 0), 'Mul');
  const shape = product && view.maker(nameAt(product.input, 0), 'Shape');
  if (shape === undefined || uncast(nameAt(shape.input, 0), view) !== x) return undefined;
  const [longer, shorter] = [view.ints(product?.input[1] ?? ''), view.ints(division?.input[1] ?? '')];
  const size = shorter?.[1] ?? 0;
  const isAt = (list: readonly number[] | undefined, at: number) =>
    list?.length === longer?.length && list?.every((it, axis) => it === (axis === at ? size : 1)) === true;
  return size >= 1 && isAt(longer, 2) && isAt(shorter, 1) ? size : undefined;
}

/** C from the Reshape's target, or from the length of what it is multiplied by. */
function channelsBehind(back: NodeProto, view: GraphView): number | undefined {
  const rows = rowsIn(nameAt(back.input, 1), view) ?? 0;
  if (rows > 0) return rows;
  const at = throughCast(nameAt(back.output, 0), view);
  const [reader] = view.readers(at);
  const other = reader?.opType === 'Conv' ? reader.input[1] : reader?.input.find((name) => name !== at);
  return other === undefined ? undefined : view.numbers(other)?.length;
}

/** (4) Where the affine came before the shape of x was there again. */
function lastReshape(value: string, input: string, view: GraphView): string | undefined {
  const reader = view.soleReader(value, 'Reshape');
  if (reader === undefined) return undefined;
  const byShape = view.maker(nameAt(reader.input, 1), 'Shape')?.input[0] === input;
  const rank = view.type(input).shape?.length;
  const target = view.ints(nameAt(reader.input, 1));
  const before = view.type(value).shape?.length;
  const restores = rank !== undefined && before !== undefined && before !== rank && target?.length === rank;
  return byShape || restores ? reader.output[0] : undefined;
}

/** (2) */
function constantFlaws(node: NodeProto, groups: number, view: GraphView): Flaw[] {
  return ([1, 0] as const).flatMap((wanted, index): Flaw[] => {
    const name = nameAt(node.input, index + 1);
    if (isRepeated(name, wanted, groups, view)) return [];
    const message = `${JSON.stringify(name)} must hold ${groups} times ${wanted}; otherwise groups are scaled or shifted`;
    return [{ what: 'constants', node: calledBy(node), message }];
  });
}

/** (2) Stored, or one number that Expand repeats. */
function isRepeated(value: string, wanted: number, times: number, view: GraphView): boolean {
  const expand = view.maker(value, 'Expand');
  const one = nameAt(expand?.input ?? [], 0);
  const like = view.maker(one, 'CastLike');
  const numbers = view.numbers(expand === undefined ? value : nameAt(like?.input ?? [one], 0));
  const [length, ...others] = expand === undefined ? [times] : (view.ints(nameAt(expand.input, 1)) ?? []);
  const stored = expand === undefined ? times : 1;
  return length === times && others.length === 0 && numbers?.length === stored && numbers.every((it) => it === wanted);
}

/** What is normalised must be one group of one sample. */
function shapeFlaws(target: readonly number[], grouped: NodeProto): Flaw[] {
  if (target[2] !== 0 && target[0] !== -1) return [];
  const message = `it reshapes its input to [${target.join(', ')}], where a group is not one row`;
  return [{ what: 'shape', node: calledBy(grouped), message }];
}
