/**
 * Whether the first axis of an input counts samples, told from how the input is used.
 *
 * 1. The file may say so (`denotation: DATA_BATCH`, https://onnx.ai/onnx/repo-docs/DimensionDenotation.html); `--batch-axis` writes it.
 * 2. The input is followed to the first layer that has a batch: a Conv, a pooling, a norm or a Gemm. If the first axis of what that
 *    layer reads is an axis of the input, it is the batch; if an Unsqueeze or a Reshape put it there, the input has none, as in models
 *    with preprocessing inside and in torchvision's detectors.
 * 3. Names of the axis: `batch`, `N`; `height`, `width`, `channels`.
 * 4. Inputs of rank 2, 4 and 5 are batches of rows, pictures and volumes. Of others it stays unclear.
 */

import { constantInts } from '../graph/constants.ts';
import { requiredInputs } from '../graph/interface.ts';
import { viewOf } from '../graph/view.ts';
import { intAttribute, intsAttribute, permOf } from '../onnx/attributes.ts';
import { type Model, normalDomain, withGraph } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import { create, type NodeProto, type ValueInfoProto } from '../onnx/schema.ts';
import { declaredType } from '../onnx/value-type.ts';

/** What the first axis of an input is. */
export type BatchAxis = 'batch' | 'none' | 'unclear';

/** `DATA_BATCH` and `DATA_FEATURE` are the standard's words. */
const SAID: Readonly<Record<string, BatchAxis>> = { DATA_BATCH: 'batch', DATA_FEATURE: 'none', DATA_CHANNEL: 'none' };
const BATCH = /^(n|b|bs|.*batch.*|num_?samples|samples?)$/i;
const NO_BATCH = /^(h|w|c|.*height.*|.*width.*|.*channels?.*|rows?|cols?|columns?)$/i;
const RANKS_WITH_BATCH = new Set([2, 4, 5]);

/** Tells what the first axis of an input is; `unclear` if nothing says. */
export function batchAxisOf(model: Model, { name, type }: ValueInfoProto): BatchAxis {
  const dim = type?.tensorType?.shape?.dim[0];
  const said = SAID[dim?.denotation ?? ''];
  if (said !== undefined) return said;
  const rank = declaredType(type).shape?.length;
  if (rank === 0) return 'none';
  const used = rank === undefined ? undefined : followed(model, name, rank);
  if (used !== undefined) return used;
  const symbol = dim?.dimParam ?? '';
  if (BATCH.test(symbol)) return 'batch';
  if (NO_BATCH.test(symbol)) return 'none';
  return rank === undefined || RANKS_WITH_BATCH.has(rank) ? 'batch' : 'unclear';
}

/** The same model with the first axis of its inputs marked as what the caller says. */
export function withBatchAxis(model: Model, axis: 'batch' | 'none'): Model {
  const { graph } = model.proto;
  const required = new Set(requiredInputs(model).map(({ name }) => name));
  const input = graph.input.map((it) => {
    const tensor = it.type?.tensorType;
    const [first, ...rest] = tensor?.shape?.dim ?? [];
    if (!required.has(it.name) || tensor === undefined || first === undefined) return it;
    const denotation = axis === 'batch' ? 'DATA_BATCH' : 'DATA_FEATURE';
    const shape = create('TensorShapeProto', { dim: [{ ...first, denotation }, ...rest] });
    return { ...it, type: create('TypeProto', { tensorType: { ...tensor, shape } }) };
  });
  return withGraph(model, { ...graph, input });
}

/** An axis of a value: that axis of the input, one that was put there, or something of both. */
type Axis = number | 'new' | 'mixed';

const LAYERS = new Set(
  (
    'Conv ConvTranspose BatchNormalization InstanceNormalization GroupNormalization MaxPool AveragePool LpPool ' +
    'GlobalAveragePool GlobalMaxPool Gemm ConvInteger QLinearConv DepthToSpace SpaceToDepth GridSample LRN'
  ).split(' '),
);
const KEEPS = new Set(
  (
    'Identity Cast Add Sub Mul Div Pow Sqrt Exp Log Clip Min Max Abs Neg Relu LeakyRelu PRelu Sigmoid Tanh Pad Resize Upsample ' +
    'Dropout Slice QuantizeLinear DequantizeLinear DynamicQuantizeLinear Softmax LayerNormalization Concat Where Round Floor'
  ).split(' '),
);
/** Preprocessing has fewer nodes; also an end to graphs that are circles. */
const MOST_VALUES = 300;

/** What the first layers say that read an input; undefined if none is reached, or they disagree. */
function followed(model: Model, input: string, rank: number): BatchAxis | undefined {
  const view = viewOf(model);
  const [main] = view.scopes;
  const pending: { value: string; axes: readonly Axis[] }[] = [
    { value: input, axes: Array.from({ length: rank }, (_, axis) => axis) },
  ];
  const seen = new Set<string>();
  for (let at = pending.shift(); at !== undefined && seen.size < MOST_VALUES; at = pending.shift()) {
    if (seen.has(at.value)) continue;
    seen.add(at.value);
    for (const node of view.readersOf(at.value)) {
      if (normalDomain(node.domain) !== '') continue;
      const isData = node.input[0] === at.value;
      if (LAYERS.has(node.opType) && isData) {
        const [first] = at.axes;
        if (first === 0) return 'batch';
        return first === 'new' ? 'none' : undefined;
      }
      const ints = (index: number) =>
        main === undefined ? undefined : constantInts(main, nameAt(node.input, index), model.home.open);
      const rankOf = (index: number) => main && view.typeOf(main, nameAt(node.input, index)).shape?.length;
      const axes = after(node, at.axes, at.value, ints, rankOf);
      if (axes !== undefined) pending.push({ value: nameAt(node.output, 0), axes });
    }
  }
  return undefined;
}

/** The axes behind a node; undefined if they can't be told. */
function after(
  node: NodeProto,
  axes: readonly Axis[],
  value: string,
  ints: (index: number) => readonly number[] | undefined,
  rankOf: (index: number) => number | undefined,
): readonly Axis[] | undefined {
  const { opType, input } = node;
  if (KEEPS.has(opType)) return axes;
  // Rows of a table, or parts of the value: `pictures[0]` takes the axis away.
  if (opType === 'Gather' && input[1] === value) return [...axes, 'mixed'];
  if (opType === 'MatMul') return input[0] === value && axes.length > 1 ? [...axes.slice(0, -1), 'mixed'] : undefined;
  if (input[0] !== value) return undefined;
  const wrap = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);
  switch (opType) {
    case 'Transpose':
      return permOf(node, axes.length).map((axis) => axes[axis] ?? 'mixed');
    case 'Unsqueeze': {
      const added = (intsAttribute(node, 'axes') ?? ints(1))?.map((axis, _, list) =>
        wrap(axis, axes.length + list.length),
      );
      if (added === undefined) return undefined;
      const rest = [...axes];
      return Array.from({ length: axes.length + added.length }, (_, axis) =>
        added.includes(axis) ? 'new' : (rest.shift() ?? 'mixed'),
      );
    }
    case 'Squeeze': {
      const gone = (intsAttribute(node, 'axes') ?? ints(1))?.map((axis) => wrap(axis, axes.length));
      return gone === undefined ? undefined : axes.filter((_, axis) => !gone.includes(axis));
    }
    case 'Gather': {
      const rank = rankOf(1);
      const along = wrap(intAttribute(node, 'axis', 0), axes.length);
      if (rank === 0) return axes.filter((_, axis) => axis !== along);
      return rank === 1 ? axes : undefined;
    }
    case 'Flatten':
      return wrap(intAttribute(node, 'axis', 1), axes.length) === 1 ? [axes[0] ?? 'mixed', 'mixed'] : undefined;
    case 'Reshape': {
      const target = intsAttribute(node, 'shape') ?? ints(1);
      return target === undefined ? undefined : reshaped(axes, target);
    }
    default:
      return undefined;
  }
}

/** 0 copies an axis; a 1 in front of as many axes as before is a batch that was put there. */
function reshaped(axes: readonly Axis[], target: readonly number[]): readonly Axis[] {
  const rest = target.slice(1).map((): Axis => 'mixed');
  if (target[0] === 0) return [axes[0] ?? 'mixed', ...rest];
  if (target[0] === 1 && target.length === axes.length + 1) return ['new', ...axes];
  return target[0] === -1 && target.length === axes.length ? [axes[0] ?? 'mixed', ...rest] : ['mixed', ...rest];
}
