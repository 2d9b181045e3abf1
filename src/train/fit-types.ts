/** What training is told, and what it tells. */
import type { Example, LabelledData } from '../inputs/labelled/types.ts';
import type { Random } from '../inputs/random.ts';
import type { StepSizes } from './batches.ts';
import type { TrainerState } from './trainer.ts';

/** A rate, and the held-out loss that it led to; `null` if it was not finite. */
export interface TriedRate {
  readonly rate: number;
  readonly loss: number | null;
}

/** What was known after an epoch; 0 is before training. */
export interface EpochFacts {
  readonly epoch: number;
  /** Steps so far. */
  readonly steps: number;
  /** Mean over the epoch's steps; `null` before training. */
  readonly trainLoss: number | null;
  /** On the samples as they were trained on, varied and each before its step; `null` before training, or if that would take time. */
  readonly trainScore: number | null;
  /** On held-out samples; `null` if there are none, or it was not a finite number. */
  readonly loss: number | null;
  readonly score: number | null;
}

/** Some steps in a row: the mean of their losses, and the rate of the last. */
export interface StepFacts {
  readonly step: number;
  readonly loss: number;
  readonly rate: number;
}

/**
 * What a run does when it does not step: reads `samples`, prepares the `gradient`, searches a `rate`, measures on `held`-out samples, writes the `file` and
 * reads it back, answers held-out samples with the model before training, to `compare`, or looks for what a detector has `forgotten`.
 */
export type FitPhase = 'samples' | 'gradient' | 'rate' | 'held' | 'file' | 'compare' | 'forgotten';

/** What goes on, for a progress line. */
export type FitEvent =
  /** A phase begins, or goes on. `of`: samples, or at most so many steps; 0 if they are not counted. `epoch`: the one that is measured. */
  | {
      readonly kind: 'phase';
      readonly phase: FitPhase;
      readonly done: number;
      readonly of: number;
      readonly epoch: number;
    }
  | { readonly kind: 'rate'; readonly rate: number; readonly done: number; readonly of: number }
  /** A trial ended. */
  | { readonly kind: 'tried'; readonly facts: TriedRate }
  | {
      readonly kind: 'step';
      readonly epoch: number;
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      readonly rate: number;
      /** Samples a second, of the last steps. */
      readonly perSecond: number;
      /** Seconds that are left, at that speed. */
      readonly left: number;
    }
  | { readonly kind: 'epoch'; readonly facts: EpochFacts; readonly isBest: boolean };

/** All that `runEpochs` needs to go on after an epoch. */
export interface FitState {
  readonly trainer: TrainerState;
  readonly best: Float32Array;
  readonly bestEpoch: number;
  readonly history: readonly EpochFacts[];
  readonly trace: readonly StepFacts[];
  readonly rate: number;
  readonly tried: readonly TriedRate[];
}

export interface FitOptions extends StepSizes {
  readonly epochs: number;
  /** Highest rate; `auto` tries some on held-out loss. */
  readonly rate: number | 'auto';
  /** Epochs without a better score before training stops. */
  readonly patience: number;
  readonly seed: number;
  /** Steps that are loaded before they are wanted; a few if it is absent. */
  readonly ahead?: number | undefined;
  /** Held-out samples; absent if there are none. */
  readonly held?: LabelledData | undefined;
  readonly augment?: ((example: Example, random: Random) => Example) | undefined;
  /** Whether the model has a new, random last layer: no user had it before, so that the best epoch is kept even if it scores less. Default false. */
  readonly fresh?: boolean | undefined;
  readonly resume?: FitState | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: FitEvent) => void) | undefined;
  /** Called when an epoch is done, with what would be needed to go on from there. */
  readonly onEpoch?: ((state: FitState) => Promise<void>) | undefined;
}

/** What came of training. */
export interface Fitted {
  readonly history: readonly EpochFacts[];
  /** The epoch whose parameters are kept; 0 if none was better than the model as it was. */
  readonly bestEpoch: number;
  readonly best: Float32Array;
  /** At most 400 points over all steps. */
  readonly trace: readonly StepFacts[];
  readonly rate: number;
  readonly tried: readonly TriedRate[];
  readonly steps: number;
  /** Why training ended before its last epoch. */
  readonly stopped: 'interrupted' | 'patience' | { readonly notFinite: number } | undefined;
}
