/** Means over groups of channels, read from the graph. */

import type { GraphView } from '../../graph/graph-view.ts';
import { intAttribute, intsAttribute } from '../../onnx/attributes.ts';
import { calledBy, nameAt } from '../../onnx/operands.ts';
import type { NodeProto } from '../../onnx/schema.ts';

/** What a value is the mean of. */
export interface Means {
  /** The value that is averaged. */
  readonly of: string;
  /** Axes that are averaged over, each as often as it is. */
  readonly axes: readonly number[];
  /** G, where means over channels are taken by groups; `undefined` where each channel is by itself, or all are one. */
  readonly groups: number | undefined;
  /** The ReduceMean nodes, and what they are called. */
  readonly nodes: readonly NodeProto[];
}

/**
 * ReduceMean over axes, one after the other or at once; and before the last of them
 * Reshape [0, G, k] → ReduceMean over 2 → Expand or Tile → Reshape [0, C, 1, …].
 *
 * @param of what is averaged, where that is known: it may be a mean itself
 */
export function meansOf(value: string, view: GraphView, of?: string): Means | undefined {
  const nodes: NodeProto[] = [];
  const axes: number[] = [];
  let at = value;
  let groups: number | undefined;
  const repeated = view.maker(view.maker(at, 'Reshape')?.input[0] ?? '', 'Expand', 'Tile');
  const inGroups = repeated && view.maker(nameAt(repeated.input, 0), 'ReduceMean');
  if (inGroups !== undefined) {
    const grouped = view.maker(nameAt(inGroups.input, 0), 'Reshape');
    const target = grouped && view.ints(nameAt(grouped.input, 1));
    if (grouped === undefined || target?.length !== 3 || axesOf(inGroups, view)?.join() !== '2') return undefined;
    nodes.push(inGroups);
    groups = target[1];
    at = nameAt(grouped.input, 0);
  }
  for (let node = view.maker(at, 'ReduceMean'); node !== undefined && at !== of; node = view.maker(at, 'ReduceMean')) {
    const own = axesOf(node, view);
    if (own === undefined || nodes.length > MOST_STEPS) return undefined;
    axes.push(...own);
    nodes.push(node);
    at = nameAt(node.input, 0);
  }
  return nodes.length === 0 ? undefined : { of: at, axes, groups, nodes };
}

const MOST_STEPS = 8;

/** Axes of a ReduceMean that keeps them: an attribute up to opset 17, an input from 18 on. */
function axesOf(node: NodeProto, view: GraphView): number[] | undefined {
  if (intAttribute(node, 'keepdims', 1) !== 1) return undefined;
  return intsAttribute(node, 'axes') ?? view.ints(nameAt(node.input, 1));
}

/** Names of the nodes, for messages. */
export function namesOfMeans({ nodes }: Means): string {
  return nodes.map(calledBy).join(', ');
}
