import type { CallOptions } from '../../call/arguments.ts';
import type { Outcome } from '../../jobs/outcome.ts';
import type { Progress } from '../progress.ts';
import type { TrainingLines } from '../training-lines.ts';

/** How a command talks to whoever started it. */
export interface Ui {
  /** Called once a file, when all of it is done. */
  report(outcome: Outcome): void;
  progress(file: string): Progress;
  /** What training prints while it goes on. */
  training(): TrainingLines;
  /** Called when a file was written that is no model. */
  wrote(file: string, bytes: number): void;
  /** A line for the program that runs the job; not mixed with a document on stdout. */
  annotate(line: string): void;
  /** What is no report on a file. */
  print(text: string): void;
}

/** One command of the command line. */
export interface Command {
  /**
   * Loads what it needs itself: the help, and complaints of what was typed, come without.
   *
   * @returns the exit status
   */
  run(models: readonly string[], call: CallOptions, ui: Ui): Promise<number>;
}
