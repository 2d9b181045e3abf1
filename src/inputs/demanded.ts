/**
 * Which sizes of an input its first layer demands, where the file leaves them open, as exports with every axis dynamic do.
 *
 * 1. Conv and ConvTranspose: the rank of their weight, and the channels that it takes. BatchNormalization, and a norm that
 *    stands there in another form: its channels, and a picture's rank where nothing tells another.
 * 2. Gemm and MatMul: the rows of their matrix, along the last axis of what they multiply.
 */

import type { Site } from '../find/types.ts';
import type { Scope } from '../graph/scope.ts';
import { viewOf } from '../graph/view.ts';
import { intAttribute } from '../onnx/attributes.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import type { Shape } from '../onnx/value-type.ts';

/** What is known of an input. */
interface Demand {
  /** For where the file states none. */
  readonly rank: number;
  /** From the end where it is negative. */
  readonly axis: number;
  readonly size: number;
}

/** By the input's name. */
export type Demands = ReadonlyMap<string, Demand>;

/** The first layer that reads an input counts. */
export function demandsOf(model: Model, norms: readonly NormSite[] = []): Demands {
  const { graph } = model.proto;
  const { scopes, typeOf } = viewOf(model);
  const [main] = scopes as [Scope, ...Scope[]];
  const demands = new Map<string, Demand>();
  for (const node of graph.node) {
    const [x = '', weight = ''] = node.input;
    if (normalDomain(node.domain) !== '' || !main.inputs.has(x) || demands.has(x)) continue;
    const { shape } = typeOf(main, weight);
    const demand = shape && demandOf(node, shape);
    if (demand !== undefined) demands.set(x, demand);
  }
  for (const { path, input, channels, shape } of norms) {
    if (path !== '' || !main.inputs.has(input) || demands.has(input)) continue;
    demands.set(input, { rank: shape?.length ?? PICTURE, axis: 1, size: channels });
  }
  return demands;
}

/** Where a norm stands in another form than its operator. */
type NormSite = Pick<Site, 'path' | 'input' | 'channels' | 'shape'>;

const PICTURE = 4;

/** @param dims of what the node reads second */
function demandOf(node: NodeProto, dims: Shape): Demand | undefined {
  const [first, second] = dims;
  const along = (axis: number, size: number | undefined, rank: number) =>
    size === undefined ? undefined : { rank, axis, size };
  switch (node.opType) {
    // (1)
    case 'Conv':
      return along(1, second && second * intAttribute(node, 'group', 1), dims.length);
    case 'ConvTranspose':
      return along(1, first, dims.length);
    case 'BatchNormalization':
      return along(1, first, PICTURE);
    // (2)
    case 'Gemm':
      if (intAttribute(node, 'transA', 0) !== 0) return undefined;
      return along(1, intAttribute(node, 'transB', 0) === 0 ? first : second, 2);
    case 'MatMul':
      return dims.length === 2 ? along(-1, first, 2) : undefined;
    default:
      return undefined;
  }
}
