/** A model and its plan in float32, where the runtime can't compute the model's own type. */

import type { Linear } from '../find/types.ts';
import { float32Twin } from '../graph/float32.ts';
import { requiredInputs } from '../graph/interface.ts';
import { viewOf } from '../graph/view.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { GraphProto, NodeProto } from '../onnx/schema.ts';
import { makeTensor } from '../onnx/tensor.ts';
import { declaredType } from '../onnx/value-type.ts';
import type { Plan, SitePlan } from '../plan/index.ts';
import { lacksKernel } from '../runtime/session.ts';

/** Work on a model and its plan; on their float32 twins where the runtime can't compute the model's type. */
export async function withKernels<T>(
  model: Model,
  plan: Plan,
  work: (model: Model, plan: Plan) => Promise<T>,
): Promise<T> {
  const inTwin = () => {
    const twin = twinOf(model, plan);
    return work(twin.model, twin.plan);
  };
  if (isOutOfReach(model, plan.sites)) return inTwin();
  return work(model, plan).catch((error: unknown) => {
    if (lacksKernel(error)) return inTwin();
    throw error;
  });
}

/** Whether a model is fed or normalises what ONNX Runtime for Node has no values of. */
export function isOutOfReach(model: Model, sites: readonly SitePlan[]): boolean {
  return (
    sites.some(({ site }) => site.elementType === DataType.BFLOAT16) ||
    requiredInputs(model).some(({ type }) => declaredType(type).elemType === DataType.BFLOAT16)
  );
}

/** The float32 twin, and the plan with its sites in it, in their order. */
export function twinOf(model: Model, plan: Plan): { model: Model; plan: Plan } {
  const twin = float32Twin(model);
  const graphs = new Map<GraphProto, GraphProto>();
  const nodes = new Map<NodeProto, NodeProto>();
  const inTwin = viewOf(twin).scopes;
  for (const [index, { graph }] of viewOf(model).scopes.entries()) {
    const other = (inTwin[index] as (typeof inTwin)[number]).graph;
    graphs.set(graph, other);
    for (const [position, node] of graph.node.entries()) nodes.set(node, other.node[position] as NodeProto);
  }
  const sites = plan.sites.map((it) => {
    const graph = graphs.get(it.site.graph) as GraphProto;
    const node = nodes.get(it.site.node) as NodeProto;
    const { parameterTypes: _, ...site } = it.site;
    const layer = typeof site.before === 'object' ? { before: layerIn(site.before, nodes) } : {};
    return { ...it, site: { ...site, ...layer, graph, node, elementType: DataType.FLOAT } };
  });
  return { model: twin, plan: { ...plan, sites } };
}

/** A layer as the twin has it. */
function layerIn(before: Linear, nodes: ReadonlyMap<NodeProto, NodeProto>): Linear {
  const { weight, dims, node } = before;
  const wide = makeTensor(weight.name, DataType.FLOAT, dims, before.valuesOf(weight));
  return { ...before, node: nodes.get(node) as NodeProto, weight: wide };
}
