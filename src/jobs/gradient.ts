/** Model → its gradient model and first values, with what a report says of them. */

import type { Choice } from '../gradient/choose.ts';
import { type GradientModel, type GradientOptions, gradientOf } from '../gradient/index.ts';
import type { Encoded } from '../onnx/encode.ts';
import { encodeModel, type Model } from '../onnx/model.ts';

/** What a report says of a gradient model. */
export interface GradientFacts {
  /** Name of the loss, or of its file; `none` if the outputs' gradients are inputs. */
  readonly loss: string;
  readonly optimizer: string;
  readonly parameters: readonly Choice[];
  /** Inputs of the model that it is differentiated by. */
  readonly byInputs: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: number;
  readonly opset: number;
  readonly notes: readonly string[];
  /** What was tried of the rules and of the written model; null if nothing was. */
  readonly proof: NonNullable<GradientModel['proof']> | null;
}

export interface GradientJob {
  readonly model: Model;
  readonly gradient: Encoded;
  readonly init: Encoded;
  readonly facts: GradientFacts;
}

/**
 * @param lossName what a report calls the loss
 * @throws GnSwapError as {@link gradientOf}
 */
export async function gradientJob(source: Model, options: GradientOptions, lossName: string): Promise<GradientJob> {
  const { model, init, parameters, gradients, notes, proof = null } = await gradientOf(source, options);
  const { graph, opsetImport } = model.proto;
  const taken = new Set(parameters.filter((it) => it.taken).map(({ name }) => name));
  return {
    model,
    gradient: encodeModel(model),
    init: encodeModel(init),
    facts: {
      loss: lossName,
      optimizer: options.optimizer ?? 'none',
      parameters,
      byInputs: [...gradients.keys()].filter((name) => !taken.has(name)),
      inputs: graph.input.map(({ name }) => name),
      outputs: graph.output.map(({ name }) => name),
      nodes: graph.node.length,
      opset: Number(opsetImport[0]?.version),
      notes,
      proof,
    },
  };
}
