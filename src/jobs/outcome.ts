import type { Calibration } from '../calibrate/calibration.ts';
import type { Shard } from '../calibrate/shards.ts';
import type { CheckReport } from '../check/index.ts';
import type { GnSwapError } from '../errors.ts';
import type { Census } from '../graph/census.ts';
import type { Skipped } from '../inputs/labelled/types.ts';
import type { Drift } from '../measure/drift.ts';
import type { GroupOptions } from '../norms/types.ts';
import type { CommandName } from '../options/index.ts';
import type { Plan } from '../plan/index.ts';
import type { Verification } from '../verify/verification.ts';
import type { ComparedTraining } from './compare-finetune/types.ts';
import type { FinetuneFacts } from './finetune.ts';
import type { GradientFacts } from './gradient.ts';

/** What is known of a file before anything is planned. */
export interface ModelFacts {
  readonly irVersion: number;
  /** The older IR version that the model was run as, if the runtime reads no newer one. */
  readonly ranAs?: number;
  /** Of the standard domain. */
  readonly opset: number;
  /** Name and version of what wrote it; `''` where it does not say. */
  readonly producer: string;
  /** Of the .onnx file. */
  readonly bytes: number;
}

/** What was calibrated on, and what came of it. */
export interface CalibrationFacts
  extends Pick<Calibration, 'fits' | 'mismatch' | 'moved' | 'reading' | 'choice' | 'refined'> {
  /** Of the samples. */
  readonly path: string;
  /** How pictures among them are read, in words. */
  readonly pictures?: string | undefined;
  /** Whether there are pictures in colour, and nobody said in which order the model takes the channels. */
  readonly isOrderAssumed?: boolean;
  /** Samples that γ and β were solved on, and those kept for measuring. */
  readonly solvedOn: number;
  readonly heldOut: number;
  /** Whether drift was measured on these samples, not on made or given inputs. */
  readonly measured: boolean;
  /** Which part of them this is, where machines share the work. */
  readonly shard?: Shard;
  readonly seed: number;
  /** Files that could not be read, and why. */
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

/** The inputs that norms were compared on. */
export type ComparedOn = Pick<CalibrationFacts, 'path' | 'pictures' | 'solvedOn' | 'heldOut' | 'seed' | 'skipped'>;

/** One norm on a model. */
export interface Compared {
  readonly norm: string;
  /** As asked for; `null` where the norm leaves no choice. */
  readonly groups: GroupOptions['groups'] | null;
  /** What of it trains at a batch of 1. */
  readonly atBatchOne: string;
  /** Sites that got it, and those that were left. */
  readonly sites: number;
  readonly left: number;
  /** On held-out inputs; empty where it was refused. */
  readonly drift: readonly Drift[];
  /** How much of the behaviour is kept on them, from 0 to 1; `null` if no output could be judged, or it was refused. */
  readonly kept: number | null;
  /** Median time of an inference at batch 1 against the source's, in turn with it; `null` where it was refused. */
  readonly time: number | null;
  /** Why it can't stand anywhere in this model; `null` where it does. */
  readonly refused: { readonly reason: string; readonly remedy: string | undefined } | null;
}

/** What a report says of a comparison by training. */
export interface TrainingFacts extends ComparedTraining {
  readonly skipped: readonly Skipped[];
  /** What has to be typed to do as the first advice says; empty if that is not to train. */
  readonly commands: readonly string[];
}

/** A node around the site that a report shows. */
export interface ShownNode {
  readonly op: string;
  /** Whether it is in this model alone. */
  readonly isOwn: boolean;
  /** Positions of the nodes that it reads. */
  readonly reads: readonly number[];
}

/** The graph around one site. */
export interface ShownSite {
  /** Its name. */
  readonly site: string;
  readonly why: 'differs' | 'fits-worst' | 'first';
  readonly before: readonly ShownNode[];
  readonly after: readonly ShownNode[];
}

/** What was done with one file. */
export interface Outcome {
  readonly file: string;
  /** What the job was: to rewrite, to look, or to gather statistics for a rewrite. */
  readonly command: Exclude<CommandName, 'consumers'>;
  /** Where the rewritten model is; absent where none was left. */
  readonly output?: string;
  /** Bytes of the output. */
  readonly outputBytes?: number;
  readonly model?: ModelFacts;
  readonly plan?: Plan;
  /** Conv that look as if their norm was folded in. */
  readonly foldedConv?: number;
  /** What the model consists of before and after its rewrite. */
  readonly change?: { readonly before: Census; readonly after: Census };
  /** The site that a report shows with its graph; absent if none was wanted. */
  readonly shown?: ShownSite;
  /** What was typed behind the program's name, for a remedy that can be pasted. */
  readonly typed?: readonly string[];
  readonly verification?: Verification;
  /** What a check of the file found. */
  readonly check?: CheckReport;
  readonly calibration?: CalibrationFacts;
  /** Files of external data, and what became of them. */
  readonly externalData?: { readonly files: readonly string[]; readonly carried: string };
  /** Norms side by side, where that was the job. */
  readonly comparison?: readonly Compared[];
  readonly comparedOn?: ComparedOn;
  /** Treatments of norms, compared by training, where that was the job. */
  readonly training?: TrainingFacts;
  /** What was written to train with, and the file of first values. */
  readonly gradient?: GradientFacts & { readonly init: string; readonly initBytes: number };
  /** What was trained, and what came of it. */
  readonly finetune?: FinetuneFacts;
  /** Milliseconds by step. */
  readonly timings: Readonly<Record<string, number>>;
  readonly error?: GnSwapError;
}

/** The call that a report is on. */
export interface ReportCall {
  /** What was typed behind the program's name. */
  readonly commandLine: readonly string[];
  /** Options that were in force, defaults included, by name. */
  readonly options: readonly (readonly [name: string, value: string])[];
  /** Versions of what took part, by name. */
  readonly versions: readonly (readonly [name: string, version: string])[];
  readonly date: Date;
}

/** All that a report file is made from. */
export interface Report {
  readonly outcomes: readonly Outcome[];
  readonly call: ReportCall;
}
