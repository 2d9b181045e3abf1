/** What labelled data are opened for. */
import type { Model } from '../../onnx/model.ts';
import type { ImageOptions } from '../images.ts';

/** What a model is to learn. `own`: what a loss that is given as a model asks for. */
export type LabelledTask = 'classify' | 'segment' | 'regress' | 'distill' | 'detect' | 'own';

/** What `--task` may name. */
export const TRAINED_TASKS: readonly LabelledTask[] = ['classify', 'segment', 'detect', 'regress', 'distill'];

export interface LabelledOptions extends ImageOptions {
  readonly task: LabelledTask;
  /** Names of the classes in the order of their labels; default those of the data. */
  readonly classes?: readonly string[] | undefined;
  /** How many classes the model answers now. Labels that are numbers must be below it, unless `classes` says otherwise. */
  readonly headClasses?: number | undefined;
  /** Names of the classes that the model answers now, in their order. Data whose classes all are among them take that order. */
  readonly modelClasses?: readonly string[] | undefined;
  /** For `own`: a model whose inputs are what the samples need beside those of the model. */
  readonly targets?: Model | undefined;
  /** Bytes of arrays that stay in memory; those of the latest file always do. */
  readonly arrays?: number | undefined;
  /** Which part of a folder that is divided into `train` and `val`; default `train`. A folder without parts is one. */
  readonly part?: 'train' | 'val' | undefined;
  /** Whether the samples are only measured on, so that a single class will do; default false. */
  readonly heldOut?: boolean | undefined;
  /** Whether 255 in a mask is class 1, and not a pixel without a label; default whether masks hold nothing but 0 and 255. */
  readonly isWhiteClass?: boolean | undefined;
}
