/** The raw results: one line of JSON a run. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingRun } from '../../src/jobs/compare-finetune/types.ts';
import type { RowName } from '../../src/options/rows.ts';

/** The raw results of the full run, which are committed. */
export const RUNS = join(import.meta.dirname, 'runs.jsonl');
/** Those of the comparisons with other groups, or solved from fewer inputs. */
export const VARIED = join(import.meta.dirname, 'variants.jsonl');
/** Scores of swapped models before training, with and without `--refine`. */
export const REFINED = join(import.meta.dirname, 'refined.jsonl');
/** Where bench/evidence/train.py writes. */
export const FOLDER = join(import.meta.dirname, '..', '..', 'out', 'evidence');

/** What a run was made on. */
export interface At {
  readonly subject: string;
  readonly shift: string;
  /** Training samples, and samples that measured. */
  readonly count: number;
  readonly epochs: number;
  readonly tested: number;
}

export type RunLine = At & TrainingRun;

/** A run with something of the swap not as usual. */
export type VariedLine = RunLine & { readonly variant: string };

/** Whether a line is of a comparison. */
export function isAt(line: At, at: Omit<At, 'tested'>): boolean {
  return (['subject', 'shift', 'count', 'epochs'] as const).every((key) => line[key] === at[key]);
}

/** A run, or why a row could not be made. */
export type Line = RunLine | (At & { readonly row: RowName; readonly refused: string });

/** Reads whole lines; what a kill left of one is passed over. */
export function linesOf(text: string): Line[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
}

/** The runs among lines. */
export function runsOf(lines: readonly Line[]): RunLine[] {
  return lines.flatMap((line) => ('refused' in line ? [] : [line]));
}

/** Scores of a model on samples that chose nothing: as it is, and swapped in three ways. */
export interface RefinedLine {
  readonly subject: string;
  readonly shift: string;
  readonly tested: number;
  readonly measure: string;
  readonly source: number;
  readonly statistics: number;
  readonly calibrated: number;
  readonly refined: number;
}

/** The lines of {@link REFINED}. */
export function readRefined(): RefinedLine[] {
  if (!existsSync(REFINED)) return [];
  const lines = readFileSync(REFINED, 'utf8').split('\n');
  return lines.flatMap((line) => (line === '' ? [] : [JSON.parse(line) as RefinedLine]));
}
