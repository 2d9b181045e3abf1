/** What BatchNormalization does in a gradient model: each mode, and the graph that follows. */
import type { NodeProto } from '../onnx/schema.ts';
import { plural } from '../words.ts';
import type { Forward } from './forward.ts';
import { type RenormLimits, renormed } from './renorm.ts';
import { givenStatistics, type Running, runningNorms } from './running.ts';
import type { NameSpaces } from './writer.ts';

/** What BatchNormalization does in the gradient model. */
export type BatchNormMode = 'frozen' | 'train' | 'renorm' | 'given';

/** What it does while a model is trained. */
export type TrainedBatchNorm = Exclude<BatchNormMode, 'given'>;

/** How BatchNormalization is treated. */
export interface BatchNormOptions {
  /**
   * `frozen`: BatchNormalization keeps its running statistics. `train`: it takes the statistics of the batch, which have a gradient; the running
   * ones are inputs, and their next values outputs. `renorm`: as `train`, corrected towards the running statistics (batch renormalization).
   * `given`: as frozen, and the running statistics are inputs, to judge between steps what is trained with `train` or `renorm`. `frozen`.
   */
  readonly batchNorm?: BatchNormMode | undefined;
  /** Of `renorm`: how far the statistics of a batch may be from the running ones. */
  readonly renormLimits?: RenormLimits | undefined;
}

/** @throws GnSwapError `unsupported-model` if no norm can be in training, or two share their statistics */
export function withBatchNorm(
  plain: Forward,
  names: NameSpaces,
  { batchNorm = 'frozen', renormLimits = {} }: BatchNormOptions,
): Running {
  if (batchNorm === 'frozen') return { forward: plain, statistics: [], norms: new Set<NodeProto>() };
  if (batchNorm === 'given') return givenStatistics(plain, names);
  const running = runningNorms(plain, names);
  if (batchNorm === 'train') return running;
  return { ...running, forward: renormed(running.forward, running.norms, renormLimits, names) };
}

/** Says that the model answers otherwise than its source. */
export function batchNormNote({ norms }: Running, { batchNorm }: BatchNormOptions): string {
  const mode = batchNorm === 'renorm' ? 'as batch renormalization' : 'in training mode';
  return `BatchNormalization ${mode} at ${plural(norms.size, 'node')}: the outputs are those of the batch`;
}
