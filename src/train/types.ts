/** The shape that all tasks of training have. */
import type { LossTerm } from '../gradient/join.ts';
import type { LossName } from '../gradient/losses.ts';
import type { Example, LabelledData } from '../inputs/labelled/types.ts';
import type { Box } from '../measure/boxes/box.ts';
import type { Evidence } from '../measure/evidence.ts';
import type { Model } from '../onnx/model.ts';
import type { Value, Values } from '../runtime/session.ts';
import type { Variations } from './augment/index.ts';
import type { DetectorOptions, Keep } from './detect/types.ts';

/** An output of the model that is trained, for a batch of 1. */
export interface TrainedOutput {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly number[];
}

/** A loss that is computed outside the graph. `gradients`: by output, of the same shape. */
export interface HostLoss {
  readonly loss: number;
  readonly gradients: Readonly<Record<string, Value>>;
  /** What the loss is a mean over, if it is not the samples: objects that are found. Fewer than one count as one. */
  readonly counted?: number | undefined;
}

/** What is minimised: terms in the graph, with targets for a batch; or a function of the outputs, which costs one more forward pass. */
export type Objective =
  | {
      readonly kind: 'graph';
      /** Named losses of outputs, or a model of its own. */
      readonly terms: readonly LossTerm[] | Model;
      /** The target of each term, or of each further input of the model, in their order, for a batch. */
      targets(batch: readonly Example[]): Promise<readonly Value[]> | readonly Value[];
      /** What the loss is a mean over, if it is not the samples: pixels with a label. Fewer than one count as one. */
      counted?(targets: readonly Value[]): number;
    }
  | { readonly kind: 'host'; lossOf(outputs: Values, batch: readonly Example[]): Promise<HostLoss> | HostLoss };

/** How well a model does at one class. */
export interface ClassScore {
  readonly label: number;
  /** Samples, pixels or objects that are of it. */
  readonly count: number;
  /** By name: recall and precision, IoU, AP50 … */
  readonly figures: Readonly<Record<string, number>>;
  /** Precision at recalls of 0, 0.01 … 1, of detectors. */
  readonly curve?: readonly number[] | undefined;
}

/** How well a model does, over samples. */
export interface Score {
  /** What is maximised: 1 is best. `undefined` if there was nothing to score. */
  readonly value: number | undefined;
  /** A phrase without a full stop. */
  readonly detail: string;
  /** Further figures, by name. */
  readonly figures: Readonly<Record<string, number>>;
  /** Rows are what is right, columns what was answered; of classes. */
  readonly confusion?: readonly (readonly number[])[] | undefined;
  /** Class by class, of those that the samples have. */
  readonly classes?: readonly ClassScore[] | undefined;
}

/** What a model answers to one sample, or should. */
export type Answer =
  /** `chance`: of that class, if the model says it. */
  | { readonly kind: 'class'; readonly label: number; readonly chance?: number | undefined }
  | { readonly kind: 'boxes'; readonly boxes: readonly AnsweredBox[] }
  /** A class for each pixel. */
  | { readonly kind: 'map'; readonly labels: Int16Array; readonly height: number; readonly width: number }
  | { readonly kind: 'values'; readonly values: Readonly<Record<string, readonly number[]>> };

/** Corners in pixels of the input; labels are the data's, −1 for a class that the data has not. */
export interface AnsweredBox {
  readonly label: number;
  /** Of a class that the data has not, as the model calls it. */
  readonly name?: string | undefined;
  /** Absent of what is drawn. */
  readonly score?: number | undefined;
  readonly box: Box;
}

/** Collects a score, sample by sample. */
export interface Scorer {
  add(outputs: Values, batch: readonly Example[]): void | Promise<void>;
  result(): Score;
  /**
   * The measure if each sample counted as often as `weights` says, in the order in which samples were added; undefined if there is
   * nothing to score. Absent if the measure can't be taken apart.
   */
  weighted?(weights: ArrayLike<number>): number | undefined;
}

/** An output that is learnt by its distance from numbers, and their deviation. */
export interface Distance {
  readonly output: string;
  readonly unit: number;
}

/** A task, prepared for a model and a data set. */
export interface PreparedTask {
  readonly objective: Objective;
  /** Name of the measure: `accuracy`, `mean IoU` … */
  readonly measure: string;
  /** What a last layer can be fitted to without steps. */
  readonly distances?: readonly Distance[] | undefined;
  /** Turns a file into what is trained and scored in its place, if the loss needs other outputs; parameters have the same names. */
  ending?(file: Model): Model;
  /** What outputs were taken for, one sentence each. */
  readonly notes?: readonly string[] | undefined;
  /** How samples may be varied, if the data decides it and not the task alone. */
  readonly variations?: Variations | undefined;
  scorer(): Scorer;
  /** Whether scoring takes little time beside a step: samples are then also scored as they are trained on. */
  readonly scoresSteps?: boolean | undefined;
  /** What the outputs for one sample say. */
  answerOf?(outputs: Values, inputs?: Values): Answer;
  /** The loss as a function of other outputs alone: whatever it decides by outputs, as which row learns what, stays as for these. */
  fixed?(outputs: Values, batch: readonly Example[]): Promise<(outputs: Values) => number>;
  /** Frees what the task holds open. */
  close?(): Promise<void>;
}

/** What a task is prepared from. */
export interface TaskSetup {
  readonly model: Model;
  /** The first sample; undefined if there is none. */
  readonly first: Example | undefined;
  /** What the model gave for it. */
  readonly outputs: readonly TrainedOutput[];
  readonly evidence: Evidence;
  readonly data: LabelledData;
  /** Loads samples from all over the data, for what has to be known of targets in advance. */
  examples(): Promise<readonly Example[]>;
  /** The output to train on, if the caller named one. */
  readonly lossOf: string | undefined;
  /** Losses to use in place of the task's own. */
  readonly losses: readonly LossName[] | undefined;
  /** The loss, as a model. */
  readonly lossModel?: Model | undefined;
  /** Answers for tasks without labels. */
  readonly teacher: ((batch: readonly Example[]) => Promise<Values>) | undefined;
  /** What the caller says of a detector's outputs. */
  readonly detection?: DetectorOptions | undefined;
  /** The model before training, whose classes a detector shall keep. */
  readonly keep?: Keep | undefined;
}

/** One kind of training. */
export interface TrainTask {
  readonly name: string;
  /**
   * @throws GnSwapError `invalid-arguments` or `invalid-data` if model, labels and options do not fit together
   */
  prepare(setup: TaskSetup): PreparedTask | Promise<PreparedTask>;
}
