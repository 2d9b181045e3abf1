/** Ways to damage a written model: each returns another model, as if the rewrite had made a mistake. */
import { makeAttribute } from '../../src/onnx/attributes.ts';
import { type Model, withGraph } from '../../src/onnx/model.ts';
import type { GraphProto, NodeProto, TensorProto, ValueInfoProto } from '../../src/onnx/schema.ts';
import { dimsOf, makeTensor, valuesOf } from '../../src/onnx/tensor.ts';

/** Replaces every element of a list that `pick` picks; at least one must be. */
function changeAll<T>(list: readonly T[], pick: (it: T) => boolean, change: (it: T) => T | readonly T[]): T[] {
  if (!list.some(pick)) throw new RangeError('there is nothing to damage');
  return list.flatMap((it) => (pick(it) ? change(it) : it));
}

function changeGraph(model: Model, change: (graph: GraphProto) => Partial<GraphProto>): Model {
  const { graph } = model.proto;
  return withGraph(model, { ...graph, ...change(graph) });
}

/** Changes the nodes whose name ends with `/role`, or is it; to no node at all where `change` gives an empty list. */
export function changeNodes(
  model: Model,
  role: string,
  change: (node: NodeProto) => NodeProto | readonly NodeProto[],
): Model {
  return changeGraph(model, ({ node }) => ({
    node: changeAll(node, ({ name }) => name === role || name.endsWith(`/${role}`), change),
  }));
}

/** Gives the nodes of that role an attribute in place of their own. */
export function setAttribute(
  model: Model,
  role: string,
  name: string,
  value: number | readonly number[] | { float: number },
) {
  return changeNodes(model, role, (node) => ({
    ...node,
    attribute: [...node.attribute.filter((it) => it.name !== name), makeAttribute(name, value)],
  }));
}

/** Makes the nodes of that role read something else. */
export function rewire(model: Model, role: string, index: number, to: string): Model {
  return changeNodes(model, role, (node) => ({ ...node, input: node.input.map((it, i) => (i === index ? to : it)) }));
}

/** Changes the initializer of that name. */
export function changeTensor(model: Model, name: string, change: (tensor: TensorProto) => TensorProto): Model {
  return changeGraph(model, ({ initializer }) => ({
    initializer: changeAll(initializer, (it) => it.name === name, change),
  }));
}

/** Changes the numbers of an initializer, which keeps its type; its dimensions too where they are given. */
export function setValues(
  model: Model,
  name: string,
  values: (before: Float64Array) => ArrayLike<number>,
  dims?: readonly number[],
): Model {
  return changeTensor(model, name, (it) =>
    makeTensor(name, it.dataType ?? 0, dims ?? dimsOf(it), values(valuesOf(it))),
  );
}

/** Changes the graph's outputs. */
export function changeOutputs(model: Model, change: (output: ValueInfoProto) => ValueInfoProto): Model {
  return changeGraph(model, ({ output }) => ({ output: output.map(change) }));
}

/** Changes the graph's inputs. */
export function changeInputs(model: Model, change: (input: ValueInfoProto) => ValueInfoProto): Model {
  return changeGraph(model, ({ input }) => ({ input: input.map(change) }));
}
