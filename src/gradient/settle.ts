/**
 * Ifs whose condition the sizes decide → the nodes of the branch that is taken.
 *
 * `squeeze` of a size that is open is such an If in what `torch.onnx.export` writes: is it 1? At fixed sizes the answer is known,
 * and the other branch is never run.
 */
import { instantiate } from '../graph/instantiate.ts';
import { readsWithin } from '../graph/scope.ts';
import { makeNode, subgraphsOf } from '../onnx/attributes.ts';
import { type Model, normalDomain, withGraph } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import { nameAt } from '../onnx/operands.ts';
import { create, type GraphProto, type NodeProto, type TensorProto } from '../onnx/schema.ts';
import { denseOf } from '../onnx/sparse-tensor.ts';
import { valuesOf } from '../onnx/tensor.ts';
import { SIZED_BY_VALUES } from './refuse.ts';

/**
 * Puts branches in the place of Ifs. What a branch stores becomes an initializer; an If in a branch is left for the next time.
 *
 * @param constants values that hang on stored tensors and on sizes alone
 * @returns the model that was given, not a copy, if there is no such If
 */
export function settle(model: Model, constants: ReadonlyMap<string, TensorProto>): Model {
  const { graph } = model.proto;
  if (!graph.node.some(isIf)) return model;
  const names = namesOf(graph);
  // Sizes that change with values are those of random input, and another input may take the other branch.
  const unsteady = new Set<string>();
  const initializer: TensorProto[] = [];
  const node = graph.node.flatMap((it): readonly NodeProto[] => {
    const condition = nameAt(it.input, 0);
    const decided = isIf(it) && !unsteady.has(condition) ? constants.get(condition) : undefined;
    const branch = decided && branchOf(it, valuesOf(decided, model.home.open)[0] !== 0);
    const isSteady = branch !== undefined || (subgraphsOf(it).length === 0 && !SIZED_BY_VALUES.has(it.opType));
    if (!isSteady || readsWithin(it).some((name) => unsteady.has(name)))
      for (const name of it.output) unsteady.add(name);
    if (branch === undefined) return [it];
    const { stored, nodes } = unfold(it, branch, names, model);
    initializer.push(...stored);
    return nodes;
  });
  if (node.length === graph.node.length && node.every((it, index) => it === graph.node[index])) return model;
  return withGraph(model, { ...graph, node, initializer: [...graph.initializer, ...initializer] });
}

/** Whether a node is an If of the standard domain. */
export function isIf({ opType, domain }: NodeProto): boolean {
  return opType === 'If' && normalDomain(domain) === '';
}

function branchOf(node: NodeProto, isTrue: boolean): GraphProto | undefined {
  return subgraphsOf(node).find(({ name }) => name === (isTrue ? 'then_branch' : 'else_branch'))?.graph;
}

/** A branch is the body of a function of what it reads around it. */
function unfold(node: NodeProto, branch: GraphProto, names: ReturnType<typeof namesOf>, { home }: Model) {
  const own = [...branch.initializer, ...branch.sparseInitializer.map((it) => denseOf(it, home.open))];
  const around = readsWithin(node);
  const body = create('FunctionProto', {
    name: 'If',
    input: [...around],
    output: branch.output.map(({ name }) => name),
    node: [...own.map((tensor) => makeNode('Constant', [], [tensor.name], '', { value: tensor })), ...branch.node],
  });
  const nodes = instantiate(body, { ...node, input: around, attribute: [] }, names);
  const stored = own.map((tensor, index) => ({ ...tensor, name: nameAt((nodes[index] as NodeProto).output, 0) }));
  return { stored, nodes: nodes.slice(own.length) };
}
