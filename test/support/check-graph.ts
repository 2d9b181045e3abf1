/** What onnx.checker asks of a graph, as far as a rewrite could break it. */
import { subgraphsOf } from '../../src/onnx/attributes.ts';
import type { Model } from '../../src/onnx/model.ts';
import type { GraphProto } from '../../src/onnx/schema.ts';

/**
 * Every problem of a model's graphs: values that are defined twice or read before they are made, initializers that a file
 * of IR 3 does not list, and types stated for values that are not there.
 */
export function graphProblems({ proto }: Model): string[] {
  const problems: string[] = [];
  const visit = (graph: GraphProto, path: string, outer: ReadonlySet<string>) => {
    const own = new Set<string>();
    const define = (name: string) => {
      if (name === '') return;
      if (own.has(name) || outer.has(name)) problems.push(`${path}: ${name} is defined twice`);
      own.add(name);
    };
    const inputs = new Set(graph.input.map(({ name }) => name));
    for (const name of inputs) define(name);
    const initializers = [...graph.initializer, ...graph.sparseInitializer.map(({ values }) => values ?? { name: '' })];
    for (const { name } of initializers) {
      if (!inputs.has(name)) define(name);
      if (!inputs.has(name) && path === '' && Number(proto.irVersion) < 4) problems.push(`${name} is not listed`);
    }
    for (const node of graph.node) {
      for (const name of node.input) {
        if (name !== '' && !own.has(name) && !outer.has(name)) problems.push(`${path}: ${name} is read, not defined`);
      }
      const seen = new Set([...outer, ...own]);
      for (const inner of subgraphsOf(node)) visit(inner.graph, `${path}${node.name}/${inner.name}/`, seen);
      for (const name of node.output) define(name);
    }
    for (const { name } of graph.output) {
      if (!own.has(name) && !outer.has(name)) problems.push(`${path}: the output ${name} is not made`);
    }
    for (const { name } of graph.valueInfo) {
      if (!own.has(name)) problems.push(`${path}: a type is stated for ${name}, which is not there`);
    }
  };
  visit(proto.graph, '', new Set());
  return problems;
}
