/** What a comparison by training is told, and what comes of it. */
import type { Dataset } from '../../inputs/dataset.ts';
import type { LabelledData } from '../../inputs/labelled/types.ts';
import type { FinetuneFacts, FinetuneOptions } from '../finetune.ts';
import type { SwapOptions } from '../options.ts';
import type { Advice } from './recommend.ts';
import type { RowName } from './rows.ts';

/** What {@link compareFinetune} is told; options of training and of the swap are those of `finetune` and `swap`. */
export interface CompareFinetuneOptions
  extends Pick<
      FinetuneOptions,
      | 'task'
      | 'lossOf'
      | 'losses'
      | 'epochs'
      | 'rate'
      | 'optimizer'
      | 'weightDecay'
      | 'clip'
      | 'train'
      | 'augment'
      | 'head'
      | 'oldClasses'
      | 'detection'
      | 'signal'
    >,
    Pick<SwapOptions, 'sites' | 'groups' | 'absorbAffine' | 'include' | 'exclude' | 'seed' | 'memory' | 'onProgress'> {
  /** Held-out samples: half of them choose rate and epoch, the other half measures; all of them choose if `test` is given. */
  readonly held: LabelledData;
  /** Samples that choose nothing, to measure on. */
  readonly test?: LabelledData | undefined;
  /** Unlabelled inputs for rows that are solved from data; those of the training samples by default. */
  readonly calibrate?: Dataset | undefined;
  /** How many training samples are taken for that. 64. */
  readonly samples?: number | undefined;
  /** What to compare. All but `gn-copy`. */
  readonly rows?: readonly RowName[] | undefined;
  /** Samples that share a step; the same number of samples is seen at each. [1]. */
  readonly batches?: readonly number[] | undefined;
  /** How often each row is trained, from `seed` on. 3. */
  readonly seeds?: number | undefined;
  /** Runs that are finished, of an earlier call with the same options: they are not done again. */
  readonly known?: readonly TrainingRun[] | undefined;
  /** Told of each run when it is finished. */
  readonly onRun?: ((run: TrainingRun) => void) | undefined;
}

/** One row, trained once. */
export interface TrainingRun {
  readonly row: RowName;
  readonly batch: number;
  readonly seed: number;
  /** Name of what is measured. */
  readonly measure: string;
  /** On the samples that chose nothing: of the row's model before it was trained, and after. */
  readonly before: number;
  readonly after: number;
  readonly rate: number;
  /** The epoch that is kept; 0 if no epoch was better. */
  readonly bestEpoch: number;
  readonly steps: number;
  /** Why training ended early; `null` if it did not. */
  readonly stopped: FinetuneFacts['stopped'];
  readonly seconds: number;
}

/** One row at one batch. */
export interface ComparedRow {
  readonly name: RowName;
  readonly title: string;
  readonly batch: number;
  /** Mean score before training; `null` if the row could not be made. */
  readonly before: number | null;
  /** Scores after training, one a seed. */
  readonly scores: readonly number[];
  /** Learning rate, found with the first seed and used with all; `null` if nothing was trained. */
  readonly rate: number | null;
  /** Why the row could not be made or trained; `null` if it was. */
  readonly refused: { readonly reason: string; readonly remedy: string | undefined } | null;
}

/** What {@link compareFinetune} returns. */
export interface ComparedTraining {
  readonly task: string;
  /** Name of what is measured. */
  readonly measure: string;
  readonly samples: {
    readonly train: number;
    /** Held-out ones that choose rate and epoch, and those that measure. */
    readonly choose: number;
    readonly measure: number;
    readonly calibrate: number;
  };
  readonly epochs: number;
  readonly seeds: number;
  readonly batches: readonly number[];
  /** Batch by batch, in the order of the rows. */
  readonly rows: readonly ComparedRow[];
  /** One for each batch that has scores. */
  readonly advice: readonly (Advice & { readonly batch: number })[];
  readonly runs: readonly TrainingRun[];
  /** Whether a signal ended it before all runs were done. */
  readonly interrupted: boolean;
  readonly notes: readonly string[];
}
