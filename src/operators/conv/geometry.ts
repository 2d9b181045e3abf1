/** Where the windows of a convolution or pooling lie: its attributes with the defaults and automatic pads worked out. */
import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/attributes.ts';
import type { NodeProto } from '../../onnx/schema.ts';

/** One entry a spatial axis. */
export interface Geometry {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
}

/**
 * Of a node whose windows slide over `large` and give one position of `small` each.
 *
 * @param large spatial dimensions of what the windows lie on
 * @param small spatial dimensions of what they give
 */
export function geometryOf(
  node: NodeProto,
  kernel: readonly number[],
  large: readonly number[],
  small: readonly number[],
): Geometry {
  const rank = kernel.length;
  const ones = new Array<number>(rank).fill(1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const mode = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  const given = mode === 'NOTSET' ? intsAttribute(node, 'pads') : undefined;
  const padsBegin = given?.slice(0, rank) ?? new Array<number>(rank).fill(0);
  const padsEnd = given?.slice(rank) ?? new Array<number>(rank).fill(0);
  if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') {
    for (let axis = 0; axis < rank; axis++) {
      const total = Math.max(0, reachOf({ kernel, strides, dilations }, small, axis) - (large[axis] as number));
      const less = Math.floor(total / 2);
      padsBegin[axis] = mode === 'SAME_UPPER' ? less : total - less;
      padsEnd[axis] = total - (padsBegin[axis] as number);
    }
  }
  return { kernel, strides, dilations, padsBegin, padsEnd };
}

/** How many positions of the padded axis the windows span. */
function reachOf(
  { kernel, strides, dilations }: Pick<Geometry, 'kernel' | 'strides' | 'dilations'>,
  small: readonly number[],
  axis: number,
): number {
  return (
    (strides[axis] as number) * ((small[axis] as number) - 1) +
    (dilations[axis] as number) * ((kernel[axis] as number) - 1) +
    1
  );
}

/**
 * Attributes of the ConvTranspose that spreads `small` back over `large`: positions that no window reached get 0, and what
 * windows reached beyond the end is cut off.
 */
export function transposedAttributes(
  geometry: Geometry,
  large: readonly number[],
  small: readonly number[],
): Record<'kernel_shape' | 'strides' | 'dilations' | 'pads' | 'output_padding', readonly number[]> {
  const { kernel, strides, dilations, padsBegin } = geometry;
  const beyond = kernel.map(
    (_, axis) => reachOf(geometry, small, axis) - (padsBegin[axis] as number) - (large[axis] as number),
  );
  return {
    kernel_shape: kernel,
    strides,
    dilations,
    pads: [...padsBegin, ...beyond.map((it) => Math.max(0, it))],
    output_padding: beyond.map((it) => Math.max(0, -it)),
  };
}

/** Of a ConvTranspose, seen as the windows on its output: `output_shape` and `output_padding` worked out. */
export function transposedGeometry(
  node: NodeProto,
  kernel: readonly number[],
  large: readonly number[],
  small: readonly number[],
): Geometry {
  const own = geometryOf(node, kernel, large, small);
  const mode = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  const isStated = intsAttribute(node, 'output_shape') !== undefined;
  if (mode === 'NOTSET' && !isStated) return own;
  const extra = intsAttribute(node, 'output_padding') ?? [];
  const total = kernel.map((_, axis) =>
    Math.max(0, reachOf(own, small, axis) + (extra[axis] ?? 0) - (large[axis] as number)),
  );
  const padsBegin = total.map((it) => (mode === 'SAME_UPPER' ? Math.floor(it / 2) : it - Math.floor(it / 2)));
  return { ...own, padsBegin, padsEnd: total.map((it, axis) => it - (padsBegin[axis] as number)) };
}

/** How many groups. */
export function groupOf(node: NodeProto): number {
  return intAttribute(node, 'group', 1);
}
