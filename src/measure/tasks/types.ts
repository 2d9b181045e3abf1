import type { DataType } from '../../onnx/data-type.ts';
import type { Values } from '../../runtime/session.ts';
import type { BoxFormat, BoxUnit } from '../boxes/formats.ts';
import type { Evidence } from '../evidence.ts';

export const TASK_NAMES = ['classify', 'segment', 'detect', 'regress', 'embed'] as const;
/** What an output is for. */
export type TaskName = (typeof TASK_NAMES)[number];

export const SCORE_KINDS = ['probability', 'logit'] as const;
export type ScoreKind = (typeof SCORE_KINDS)[number];

/** What the caller says of the outputs; whatever is absent is found from the graph. */
export interface TaskOptions {
  /** `detect` for all outputs, `name=detect` for one; `name=none` leaves one out. */
  readonly task?: readonly string[] | undefined;
  /** The output that holds boxes, or some of its columns: `output0[0:4]`. */
  readonly boxes?: string | undefined;
  /** The same for scores. */
  readonly scores?: string | undefined;
  readonly boxFormat?: BoxFormat | undefined;
  readonly boxUnit?: BoxUnit | undefined;
  /** Where in its cell a number that counts from it starts, from 0 to 1. */
  readonly boxOffset?: number | undefined;
  readonly scoreKind?: ScoreKind | undefined;
}

/** What both models answered to the same inputs. */
export interface Answers {
  readonly inputs: Values;
  readonly source: Values;
  readonly rewritten: Values;
}

/** An output of the source, as it was in the first run. */
export interface Output {
  readonly name: string;
  readonly type: DataType;
  readonly dims: readonly number[];
}

/** What a task looks at to find its outputs. */
export interface Context {
  readonly evidence: Evidence;
  readonly options: TaskOptions;
  readonly first: Answers;
}

/** How much of the source's behaviour was found in the rewritten model's answers. */
export interface Measured {
  /** From 0 (nothing) to 1 (everything); `null` if there was nothing to compare. */
  readonly kept: number | null;
  /** What was compared, or why nothing was; a phrase without a full stop. */
  readonly detail: string;
  /** The figures behind it, by name. */
  readonly figures: Readonly<Record<string, number | null>>;
}

/** Compares answers, run by run. */
export interface Meter {
  add(answers: Answers): void;
  result(): Measured;
}

/** Outputs that one task judges together. */
export interface Claim {
  readonly outputs: readonly string[];
  /** Other outputs that mean nothing without these, and are not judged by themselves. */
  readonly beside?: readonly string[];
  /** What the outputs were taken for, and why: a phrase. */
  readonly why: string;
  readonly meter: Meter;
}

/** A way to use outputs, and the figure that says how much of that use is kept. */
export interface Task {
  readonly name: TaskName;
  /** What its figure is, in a phrase. */
  readonly measures: string;
  /**
   * Finds the outputs that are used this way.
   *
   * @param asked whether the caller said that they are: then what the graph says does not matter
   */
  find(outputs: readonly Output[], context: Context, asked: boolean): Claim[];
}
