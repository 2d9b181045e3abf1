/** Files that fix several samples a run: they are trained with their batch open, and written as they were. */
import { GnSwapError } from '../errors.ts';
import { batchOf, openBatch } from '../inputs/batch.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { takesBatches } from '../train/confirm.ts';

/** Writes a trained model, and reads back what was written. */
export type Write = (trained: Model) => Promise<Model>;

/** A model that counts its samples freely, or one at a time, and where it goes. */
export interface Opened {
  readonly source: Model;
  readonly write: Write;
}

/**
 * Trains a file as if its batch were open.
 *
 * @throws GnSwapError `unsupported-model` if the file fixes a batch, and its nodes take no other
 */
export async function withOpenBatch<T extends { readonly model: Model | undefined }>(
  given: Opened,
  train: (opened: Opened) => Promise<T>,
): Promise<T> {
  const { source, write } = given;
  const { size } = batchOf(source);
  if (size === undefined || size <= 1) return train(given);
  const { input, valueInfo } = source.proto.graph;
  // Nothing else of the file was changed by opening it. Where its last layers were rebuilt, their values have no stated sizes any more.
  const closed = (model: Model) => {
    const stays = new Set(model.proto.graph.valueInfo.map(({ name }) => name));
    return withGraph(model, {
      ...model.proto.graph,
      input,
      valueInfo: valueInfo.filter(({ name }) => stays.has(name)),
    });
  };
  const own: Write = async (trained) => openBatch(await write(closed(trained)));
  try {
    const done = await train({ source: openBatch(source), write: own });
    return { ...done, model: done.model && closed(done.model) };
  } catch (cause) {
    if (!(cause instanceof GnSwapError) || cause.code !== 'runtime-failed') throw cause;
    const message = `it takes ${size} samples a run, and does not run on another number of them (${cause.message})`;
    throw new GnSwapError('unsupported-model', message, { remedy: 'Export it with an open batch', cause });
  }
}

/** A model that takes one sample at a time gets the samples of a step one after the other. */
export function sizesOf(
  model: Model,
  { batch = 1, accumulate = 1 }: { readonly batch?: number | undefined; readonly accumulate?: number | undefined },
): { batch: number; accumulate: number } {
  for (const [name, value] of Object.entries({ batch, accumulate })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new GnSwapError('invalid-arguments', `--${name} is ${value}`, { remedy: 'Use a positive whole number' });
  }
  return takesBatches(model) ? { batch, accumulate } : { batch: 1, accumulate: batch * accumulate };
}
