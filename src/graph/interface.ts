/** What a model takes and answers, and whether two models take and answer the same. */

import type { Model } from '../onnx/model.ts';
import type { ValueInfoProto } from '../onnx/schema.ts';
import { typeText } from '../onnx/type-text.ts';

/** The inputs that a caller must give: those that no initializer backs. */
export function requiredInputs(model: Model): ValueInfoProto[] {
  const { graph } = model.proto;
  // There may be 100,000 initializers, and hardly any is an input.
  const inputs = new Set(graph.input.map(({ name }) => name));
  const backed = new Set<string>();
  for (const { name } of graph.initializer) if (inputs.has(name)) backed.add(name);
  return graph.input.filter(({ name }) => !backed.has(name));
}

/** How the interface of `written` differs from that of `source`, in words; empty where it does not. */
export function interfaceDifferences(source: Model, written: Model): string[] {
  return [
    ...differences('input', requiredInputs(source), requiredInputs(written)),
    ...differences('output', source.proto.graph.output, written.proto.graph.output),
  ];
}

function differences(kind: string, before: readonly ValueInfoProto[], after: readonly ValueInfoProto[]): string[] {
  const [a, b] = [before, after].map((list) => list.map(signature));
  const count = Math.max(before.length, after.length);
  return Array.from({ length: count }, (_, index) => index)
    .filter((index) => a?.[index] !== b?.[index])
    .map((index) => `${kind} ${index} was ${a?.[index] ?? 'absent'} and is ${b?.[index] ?? 'absent'}`);
}

/** `"x" float32 [N, 3, 224, 224]`. */
function signature({ name, type }: ValueInfoProto): string {
  return `${JSON.stringify(name)} ${typeText(type)}`;
}
