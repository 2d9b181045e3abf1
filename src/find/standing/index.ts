/** Model → norms that stand in it, found by their nodes: whatever they are called, whoever wrote them. */

import type { GraphView } from '../../graph/graph-view.ts';
import { inlineFunctions } from '../../graph/inline.ts';
import { uniqueNodeNames } from '../../graph/unique-names.ts';
import { viewOf } from '../../graph/view.ts';
import { DataType } from '../../onnx/data-type.ts';
import { type Model, normalDomain } from '../../onnx/model.ts';
import type { NodeProto } from '../../onnx/schema.ts';
import type { Shape } from '../../onnx/value-type.ts';
import { instance } from './instance.ts';
import { instanceNormalization } from './instance-normalization.ts';
import { layerNormalization } from './layer-normalization.ts';
import { native } from './native.ts';
import { reduce } from './reduce.ts';
import type { Recognised, Recogniser, StandingNorm } from './types.ts';

/** In the order that they are asked: of two that know a node, the first wins. */
export const RECOGNISERS: readonly Recogniser[] = [
  ...[native, layerNormalization, instance, instanceNormalization, reduce],
];

/** What {@link standingNorms} found, and where. */
export interface Standing {
  /** The model with functions that hold norms inlined, and with a name for every node. */
  readonly model: Model;
  readonly norms: readonly StandingNorm[];
}

/** Finds norms over groups of channels in the main graph, in subgraphs, and in the functions that they call. */
export function standingNorms(given: Model): Standing {
  const isAnchor = (node: NodeProto) =>
    normalDomain(node.domain) === '' && RECOGNISERS.some((recogniser) => recogniser.anchors(node));
  const model = uniqueNodeNames(inlineFunctions(given, isAnchor).model);
  const view = viewOf(model);
  const norms: StandingNorm[] = [];
  for (const scope of view.scopes) {
    const anchors = scope.graph.node.filter(isAnchor);
    for (const node of anchors) {
      for (const recogniser of RECOGNISERS) {
        const found = recogniser.anchors(node) ? recogniser.recognise(node, view.in(scope)) : undefined;
        const norm = found && completed(found, { recogniser: recogniser.name, name: node.name }, view.in(scope));
        if (norm === undefined) continue;
        norms.push(norm);
        break;
      }
    }
  }
  return { model, norms };
}

function completed(
  found: Recognised,
  by: Pick<StandingNorm, 'recogniser' | 'name'>,
  view: GraphView,
): StandingNorm | undefined {
  const { rank, flaws = [], ...rest } = found;
  const { input, output, channels, scale } = rest;
  const nodes = view.between(input, output);
  if (nodes === undefined) return undefined;
  const declared = view.type(input);
  const shape: Shape | undefined =
    declared.shape ?? (rank === undefined ? undefined : Array.from({ length: rank }, () => undefined));
  return {
    ...rest,
    ...by,
    path: view.scope.path,
    elementType: declared.elemType ?? scale?.tensor.dataType ?? DataType.FLOAT,
    shape: shape?.map((dim, axis) => (axis === 1 ? channels : dim)),
    nodes,
    flaws,
  };
}
