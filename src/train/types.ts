/** The shape that all tasks of training have. */
import type { LossName } from '../gradient/losses.ts';
import type { Example } from '../inputs/labelled/types.ts';
import type { Value, Values } from '../runtime/session.ts';

/** An output of the model that is trained, for a batch of 1. */
export interface TrainedOutput {
  readonly name: string;
  readonly type: number;
  readonly dims: readonly number[];
}

/** A term of a loss that is written into the graph: its target is an input of the training graph. */
export interface GraphTerm {
  readonly output: string;
  readonly loss: LossName;
  readonly weight: number;
}

/** A loss that is computed outside the graph. `gradients`: by output, of the same shape. */
export interface HostLoss {
  readonly loss: number;
  readonly gradients: Readonly<Record<string, Value>>;
}

/** What is minimised: terms in the graph, with targets for a batch; or a function of the outputs, which costs one more forward pass. */
export type Objective =
  | {
      readonly kind: 'graph';
      readonly terms: readonly GraphTerm[];
      /** The target of each term, in their order. */
      targets(batch: readonly Example[]): Promise<readonly Value[]> | readonly Value[];
    }
  | { readonly kind: 'host'; lossOf(outputs: Values, batch: readonly Example[]): Promise<HostLoss> | HostLoss };

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
}

/** Collects a score, sample by sample. */
export interface Scorer {
  add(outputs: Values, batch: readonly Example[]): void;
  result(): Score;
}

/** A task, prepared for a model and a data set. */
export interface PreparedTask {
  readonly objective: Objective;
  /** Name of the measure: `accuracy`, `mean IoU` … */
  readonly measure: string;
  scorer(): Scorer;
}
