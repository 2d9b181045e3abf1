/** What a calibration tells. */
import type { Plan } from '../plan/index.ts';
import type { GroupFit } from './groups.ts';
import type { Mismatch } from './mismatch.ts';
import type { ReadingCheck } from './reading-fit.ts';

/** How well a site could be solved. */
export interface SiteFit {
  readonly name: string;
  /** Share of the variance of the source's value that lines explain; NaN where it does not vary. */
  readonly r2: number;
  /** Channels whose slope is the one of `statistics`, because the data tell none. */
  readonly fallbacks: number;
  readonly channels: number;
  /** What each G would have explained, where G was chosen by the data. */
  readonly groups?: readonly GroupFit[];
}

/**
 * How γ′ and β′ were solved: `path`, from what reaches each site with everything before it swapped; `source`, from what reaches it
 * in the source; `statistics`, without data.
 */
export type Solver = 'path' | 'source' | 'statistics';

/** A plan, and how it was solved. */
export interface SolvedPlan {
  readonly solver: Solver;
  readonly plan: Plan;
  /** Solves again without some of the samples, so that those can judge it; absent if no sample was solved on. */
  without?(samples: readonly number[]): Plan;
}

/** Which candidate was taken. */
export interface SolverChoice {
  readonly solver: Solver;
  /** Why: it keeps most (`kept`), or no other keeps more by more than chance (`unsure`). */
  readonly why: 'kept' | 'unsure';
  /** Of each candidate, from 0 to 1; `null` if its outputs could not be judged. */
  readonly kept: readonly { readonly solver: Solver; readonly kept: number | null }[];
  /** Samples that they were compared on, the held-out ones first. */
  readonly samples: number;
}

/** What came of solving γ′ and β′ from data. */
export interface Calibration {
  /** With γ′, β′ and G solved. */
  readonly plan: Plan;
  readonly fits: readonly SiteFit[];
  /** Samples that γ′ and β′ were solved on, and those that were kept for measuring drift. */
  readonly solvedOn: readonly number[];
  readonly heldOut: readonly number[];
  /** Every way that γ′ and β′ were solved, {@link plan} among them; absent where there is one alone. */
  readonly candidates?: readonly SolvedPlan[];
  /** What each of them keeps of the source's behaviour, if that was measured. */
  readonly choice?: SolverChoice;
  /** How unlike the model's own data the samples are. */
  readonly mismatch: Mismatch;
  /** Whether pictures were read as the model was trained, where it takes pictures. */
  readonly reading?: ReadingCheck;
  /** How far μ and σ went from the source's, where they were re-estimated; then there is nothing that was solved. */
  readonly moved?: Mismatch;
}
