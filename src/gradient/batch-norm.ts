/** What BatchNormalization does in a gradient model: each mode, and the graph that follows. */
import { floatAttribute } from '../onnx/attributes.ts';
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

/** Says that the model answers otherwise than its source, and which running statistics do not follow the batches. */
export function batchNormNotes({ norms }: Running, { batchNorm }: BatchNormOptions): string[] {
  if (norms.size === 0) return [];
  const mode = batchNorm === 'renorm' ? 'as batch renormalization' : 'in training mode';
  const note = `BatchNormalization ${mode} at ${plural(norms.size, 'node')}: the outputs are those of the batch`;
  const moves = [...norms].map((node) => floatAttribute(node, 'momentum', 0.9));
  const counted = (momentum: number, effect: string) => {
    const count = moves.filter((it) => it === momentum).length;
    return count === 0 ? [] : [`${effect} at ${count} of ${norms.size} nodes (momentum ${momentum})`];
  };
  const odd = [...counted(1, 'do not move'), ...counted(0, 'become those of the last batch')];
  if (odd.length === 0) return [note];
  const why = 'exporters write 1 for momentum=None of PyTorch; 0.9 is usual';
  return [note, `running statistics of BatchNormalization ${odd.join(', and ')}: ${why}`];
}
