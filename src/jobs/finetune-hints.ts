/** What the scores of a run say beside themselves: a better order of the classes, or norms that would learn more. */
import type { TrainedBatchNorm } from '../gradient/batch-norm.ts';
import type { LabelledTask } from '../inputs/labelled/options.ts';
import type { LabelledData } from '../inputs/labelled/types.ts';
import type { Model } from '../onnx/model.ts';
import { betterOrder } from '../train/class-order.ts';
import type { Measured } from './finetune-measured.ts';

/** A run, as far as its hints depend on it. */
export interface Hinted extends Pick<Measured, 'before' | 'after'> {
  /** What was trained. */
  readonly model: Model;
  /** Whether its last layer was made anew for the classes of the data. */
  readonly isRebuilt: boolean;
  readonly task: LabelledTask;
  readonly data: Pick<LabelledData, 'classes'>;
  readonly batchNorm: TrainedBatchNorm;
  /** Samples of a run, and runs of a step. */
  readonly batch: number;
  readonly accumulate: number;
}

/** Below this a classifier does not fit its new samples any more: the limit of the rule of thumb in docs/evidence.md. */
export const FITS = 0.5;
/** Above this there is little to gain by other norms. */
const LEARNED = 0.9;

/** One sentence for each thing to try. */
export function hintsOf(run: Hinted): string[] {
  const { before, isRebuilt, data } = run;
  // A rebuilt head has been told the order.
  const order = before === null || isRebuilt ? [] : betterOrder(before, data.classes);
  return order.length > 0 ? order : otherNorms(run);
}

/**
 * Names the norms that learned most in the comparisons like this one: classifiers whose BatchNormalization was trained frozen, one sample a
 * step, on samples that they got mostly wrong.
 */
function otherNorms({ before, after, model, task, batchNorm, batch, accumulate }: Hinted): string[] {
  const [was, is] = [before?.value, after?.value];
  if (task !== 'classify' || batchNorm !== 'frozen' || batch * accumulate !== 1) return [];
  if (was === undefined || was >= FITS || (is ?? was) >= LEARNED) return [];
  const norms = model.proto.graph.node.filter(({ opType }) => opType === 'BatchNormalization').length;
  if (norms === 0) return [];
  return [
    `accuracy was ${was.toFixed(3)} before training. Of classifiers that score below ${FITS}, at one sample a step, those with group norm of 32 groups learned most (docs/evidence.md). To try it, run gn-swap MODEL --calibrate PICTURES --reference adapted --groups 32 and train what it writes, or gn-swap compare MODEL --finetune`,
  ];
}
