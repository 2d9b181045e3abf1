/** What verification is given, and what it finds. */

import type { Drift } from '../measure/drift.ts';
import type { Compared } from '../measure/held-out.ts';
import type { Kept } from '../measure/kept.ts';
import type { Observations, Observe } from '../measure/observe.ts';
import type { TaskOptions } from '../measure/tasks/types.ts';
import type { Model } from '../onnx/model.ts';
import type { RewrittenSite } from '../rewrite/index.ts';
import type { SessionSettings, Values } from '../runtime/session.ts';
import type { SiteVerification } from './sites.ts';

/** What verify is given, and how it goes about it. */
export interface VerifyOptions {
  readonly source: Model;
  /** As read back from where it was written. */
  readonly written: Model;
  readonly sites: readonly RewrittenSite[];
  /** Whether the source normalised by its batch; default what the sites say, which a norm that is none over groups is not among. */
  readonly trains?: boolean;
  /** To run both models on; made from the seed where absent. */
  readonly inputs?: Values | undefined;
  /** Of every random choice; default 0. */
  readonly seed?: number | undefined;
  /** Bytes that fetched values and references may take; default a quarter of what is free. */
  readonly memory?: number | undefined;
  /** Largest relative drift of an output that passes; without it drift is only reported. */
  readonly maxDrift?: number | undefined;
  /** Least share of the behaviour that passes; without it what is kept is only reported. */
  readonly minKept?: number | undefined;
  /** What the outputs are used for, where the caller says so. */
  readonly tasks?: TaskOptions | undefined;
  /** Whether the source is another model, whose behaviour is to be kept; default true. */
  readonly hasSource?: boolean | undefined;
  /**
   * Compares both models in place of the one run on `inputs`; calibration does it on all samples that it kept for that. It gets
   * them as they are run: in types that the runtime computes, and the source in inference mode.
   */
  compare?(source: Model, written: Model, settings: SessionSettings): Promise<Compared>;
  /** Whether norms are fed an empty batch too, where the batch is open; default false, as files of others may not be made for one. */
  readonly empty?: boolean | undefined;
  /** What to look at for a report, beside the proof; nothing where absent. */
  readonly observe?: Observe | undefined;
  /** Whether to time both models, in a few runs; default false. A report times them at length. */
  readonly time?: boolean | undefined;
  /** Told what goes on, and how much of it is done. */
  readonly onProgress?: (step: string, done: number, of: number) => void;
}

/** What is checked; `drift` and `kept` fail only beyond a limit that the caller sets. */
export type CheckName = 'loads' | 'interface' | 'runs' | 'reference' | 'independence' | 'forms' | 'drift' | 'kept';

/** One of the things that were to be proven. */
export interface Check {
  readonly name: CheckName;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What was found, in a sentence. */
  readonly detail: string;
}

/** All that was found. */
export interface Verification {
  readonly passed: boolean;
  readonly seed: number;
  readonly inputs: 'given' | 'made';
  /** Dimensions of each input of the run. */
  readonly inputDims: Readonly<Record<string, readonly number[]>>;
  readonly checks: readonly Check[];
  readonly sites: readonly SiteVerification[];
  readonly drift: readonly Drift[];
  /** How much of the source's behaviour is kept; undefined if the models were run on random inputs alone. */
  readonly kept?: Kept;
  /** Whether the norm was shown to compute the source's own function. */
  readonly isSame: boolean;
  /** Milliseconds of a run, lower quartiles over so many in turn; where it was wanted, and both can be timed. */
  readonly latency?: { readonly source: number; readonly written: number; readonly rounds: number };
  /** Where it was wanted, and both models ran. */
  readonly observed?: Observations;
}
