/** Samples together with what a model should answer to them. */
import type { Values } from '../../runtime/session.ts';
import type { ImageInput } from '../images.ts';

/** A rectangle of a class, in pixels of the model's input. */
export interface LabelledBox {
  readonly label: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A region that detections of a class are not judged in: a crowd of objects, or one that is too difficult to count. */
export interface LeftOut extends LabelledBox {
  /** Whether it may hold many objects, so that any box within it is of one. */
  readonly isCrowd: boolean;
}

/** What a model should answer to one sample. */
export type Target =
  /** Position among the classes. */
  | { readonly kind: 'class'; readonly label: number }
  /** A class for each pixel of the input, row by row; {@link UNLABELLED} is left out of loss and measure. */
  | { readonly kind: 'map'; readonly labels: Int16Array; readonly height: number; readonly width: number }
  /** Numbers for each output, by its name, as a batch of 1. */
  | { readonly kind: 'values'; readonly values: Values }
  | {
      readonly kind: 'boxes';
      readonly boxes: readonly LabelledBox[];
      /** Absent if there are none. */
      readonly leftOut?: readonly LeftOut[] | undefined;
    }
  /** Nothing: a teacher answers. */
  | { readonly kind: 'none' };

/** The label of a pixel that nobody drew. */
export const UNLABELLED = -1;

/** One sample: inputs as a batch of 1 (or without a batch if the model has none), and the answer. */
export interface Example {
  readonly inputs: Values;
  readonly target: Target;
}

/** A sample, or a label, that could not be read. */
export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

/** Labelled samples, which are loaded when a step wants them. */
export interface LabelledData {
  readonly count: number;
  /** What each sample is, relative to the folder: the same on every machine that has the same files. */
  readonly names: readonly string[];
  /** For each sample what a split keeps in proportion: its class, or 0. */
  readonly strata: readonly number[];
  /** Names of the classes, in the order of their labels; absent if the labels are not classes. */
  readonly classes: readonly string[] | undefined;
  /** Whether masks are black and white, so that 255 is class 1 and not a pixel without a label. */
  readonly isWhiteClass?: boolean | undefined;
  readonly skipped: readonly Skipped[];
  /** How pictures become the input; absent if the samples are arrays. */
  readonly image: ImageInput | undefined;
  /** For each sample, the first that has the same picture (files of equal bytes); absent if the samples are arrays. */
  readonly copies?: (() => readonly number[]) | undefined;
  /** Bytes of arrays that stay in memory; absent if samples are read when they are wanted, or belong to the caller. */
  readonly resident?: number | undefined;
  /** Samples with equal keys have inputs of equal shapes, and may share a step. */
  keyOf(sample: number): string;
  /** Reads one sample, decoded and in the model's range. */
  load(sample: number): Promise<Example>;
}
