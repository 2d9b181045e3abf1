import type { GnSwapError } from '../errors.ts';
import type { Search } from '../find/index.ts';
import type { Standing } from '../find/standing/index.ts';
import type { StandingNorm } from '../find/standing/types.ts';
import type { Model } from '../onnx/model.ts';
import type { Provenance, SiteProvenance } from '../rewrite/record.ts';
import type { Verification } from '../verify/verification.ts';
import type { RuleId } from './rules.ts';

/** How much a finding matters: an error fails the check. */
export type Severity = 'error' | 'warning' | 'note';

/** Something that is not as it should be, or that whoever relies on the file should know. */
export interface Finding {
  readonly rule: RuleId;
  readonly severity: Severity;
  /** Name of the node, tensor, input or output concerned; `''` for the file as a whole. */
  readonly node: string;
  /** Name of the norm, where it is of one. */
  readonly site?: string | undefined;
  /** What is wrong, in a sentence without a full stop. */
  readonly message: string;
  /** What to do, likewise. */
  readonly remedy: string;
}

/** What became of the numbers of a norm since it was written. */
export type ParameterState = 'unchanged' | 'trained' | 'damaged' | 'unknown';

/** A norm in the file. */
export interface CheckedSite {
  /** As the record calls it, else its node. */
  readonly name: string;
  readonly norm: StandingNorm;
  /** What the record says of it; `undefined` for one that was there before, or that something else wrote. */
  readonly record: SiteProvenance | undefined;
}

/** The model that a rewrite is said to have begun with. */
export interface CheckSource {
  readonly model: Model;
  /** Path or label. */
  readonly file: string;
  /** As the record has it: `sha256:…`. */
  readonly digest: string;
  readonly search: Search;
}

/** What checks look at. */
export interface Subject {
  readonly model: Model;
  /** The record; in words what is wrong with one that can't be read. */
  readonly provenance: Provenance | string | undefined;
  readonly standing: Standing;
  readonly sites: readonly CheckedSite[];
  readonly source: CheckSource | undefined;
  readonly maxDrift: number | undefined;
  /** Whether the caller gave inputs to run on. */
  readonly hasInputs: boolean;
  /** Whether a file without a norm that gn-swap wrote fails. */
  readonly requireRecord: boolean;
  /** Why ONNX Runtime does not load the file; `undefined` where it does. */
  load(): Promise<GnSwapError | undefined>;
  /** Runs the file: its sites against float64, and against the source where there is one. Done once, whoever asks. */
  prove(): Promise<Verification | GnSwapError>;
  /** What became of each site's γ and β. Filled by the check of parameters. */
  readonly states: Map<CheckedSite, ParameterState>;
}

/** What a check found. */
export interface CheckRun {
  readonly findings: readonly Finding[];
  /** What was looked at, in a sentence; shown where nothing is wrong. */
  readonly detail: string;
  /** Whether there was nothing to look at; `detail` says why. */
  readonly skipped?: boolean;
  /** Whether it was skipped for want of something that the caller can give; `detail` says what. Reports always show it. */
  readonly unjudged?: boolean;
}

/** One of the things that a file is checked for. */
export interface FileCheck {
  readonly name: string;
  readonly summary: string;
  /** Whether it is one check for each norm, so that reports can tell which passed. */
  readonly perSite?: boolean;
  /** Whether it loads ONNX Runtime. */
  readonly loadsRuntime?: boolean;
  run(subject: Subject): CheckRun | Promise<CheckRun>;
}

/** What came of one check. */
export interface CheckResult extends CheckRun {
  readonly name: string;
  readonly perSite: boolean;
  /** Failed where a finding is an error. */
  readonly status: 'passed' | 'failed' | 'skipped';
}
