/** The names that a model has, by the table that its view has of its values: to gather 350,000 once more takes as long as to find its norms. */
import type { View } from '../graph/view.ts';
import { Names, type Taken } from '../onnx/names.ts';

/** The names of the values and the nodes of a model of one graph. */
export function namesIn({ scopes: [scope], model }: View): { values: Names; nodes: Names } {
  const { graph } = model.proto;
  const own = scope?.values.count();
  const stated = new Set([...graph.valueInfo, ...graph.output].map(({ name }) => name));
  const values: Taken = {
    has: (name) => own?.get(name) !== undefined || stated.has(name),
    *[Symbol.iterator]() {
      if (own !== undefined) yield* own.names();
      yield* stated;
    },
  };
  const nodes = new Set<string>();
  for (const { name } of graph.node) nodes.add(name);
  return { values: new Names(values), nodes: new Names(nodes) };
}
