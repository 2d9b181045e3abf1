/** The sessions of a gradient for one shape of its inputs, each opened when it is first wanted. */
import type { GradientModel } from '../gradient/index.ts';
import { needed } from '../gradient/walk.ts';
import { readsWithin } from '../graph/scope.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import type { OpenSession } from '../runtime/session.ts';

/** A gradient for one shape, on one device. */
export interface Sized {
  readonly made: GradientModel;
  backward: OpenSession | undefined;
  /** As in training. */
  forward: OpenSession | undefined;
  /** As the file will answer; another than {@link forward} only if norms take the statistics of the batch. */
  inference: OpenSession | undefined;
}

/** Frees all sessions of a shape. */
export async function closeSized(sized: Sized | undefined): Promise<void> {
  await sized?.forward?.close();
  await sized?.inference?.close();
  await sized?.backward?.close();
}

/** The part of a gradient model that some of its outputs need. */
export function forwardOf(model: Model, outputs: readonly string[]): Model {
  const { graph } = model.proto;
  const node = needed(graph.node, new Set(outputs));
  const read = new Set([...node.flatMap(readsWithin), ...outputs]);
  return withGraph(model, {
    ...graph,
    node,
    initializer: graph.initializer.filter(({ name }) => read.has(name)),
    input: graph.input.filter(({ name }) => read.has(name)),
    output: graph.output.filter(({ name }) => outputs.includes(name)),
  });
}
