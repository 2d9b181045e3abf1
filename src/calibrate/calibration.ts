/** What a calibration tells. */
import type { KnownAnswers } from '../measure/known-answers.ts';
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
  /** How unlike the training data the inputs are here; absent where no running statistics tell. */
  readonly mismatch?: Mismatch;
}

/**
 * How γ′ and β′ were solved: `path`, from what reaches each site with everything before it swapped; `source`, from what reaches it
 * in the source; `statistics`, without data.
 */
export type Solver = 'path' | 'source' | 'statistics';

/** A way to solve a plan. */
export interface SolvedPlan {
  readonly solver: Solver;
  /** The plan; the same one each time. */
  solve(): Plan;
  /** Solves again without some of the samples, so that those can judge it; absent if no sample was solved on. */
  without?(samples: readonly number[]): Plan;
}

/** Which candidate was taken. */
export interface SolverChoice {
  readonly solver: Solver;
  /** Why: it keeps most (`kept`), or no other keeps more by more than chance (`unsure`). */
  readonly why: 'kept' | 'unsure';
  /**
   * Of each candidate that was run, from 0 to 1; `null` if its outputs could not be judged. Where one keeps everything, those that can't
   * be taken in its place are not run.
   */
  readonly kept: readonly { readonly solver: Solver; readonly kept: number | null }[];
  /** Samples that they were compared on, the held-out ones first. */
  readonly samples: number;
}

/** What came of refining γ′ and β′ by gradients. */
export interface Refinement {
  readonly steps: number;
  readonly rate: number;
  /** The step whose γ and β these are; 0 if none was better than the start. */
  readonly best: number;
  readonly taken: boolean;
  /**
   * `kept`: nearer to the source, and no less of its behaviour is kept; `farther`: hardly nearer on held-out inputs; `worse`: less is kept;
   * `unsure`: no more boxes are kept than chance allows; `few`: fewer than five inputs were held out to tell boxes apart;
   * `alike`: there was nothing to take back; `unmeasured`: no input was held out; `too-large`: for the type of the norms.
   */
  readonly why: 'kept' | 'farther' | 'worse' | 'unsure' | 'few' | 'alike' | 'unmeasured' | 'too-large';
  /** What was learnt from; `null` if nothing was. */
  readonly on: 'outputs' | 'norms' | null;
  /** Whether inputs were made from the given ones, too. */
  readonly madeInputs: boolean;
  /** Of the source's behaviour, from 0 to 1, on inputs that nothing was learnt from; `null` if it could not be judged. */
  readonly kept: { readonly before: number | null; readonly after: number | null };
  /** From the source, on held-out inputs, in the unit of the loss. */
  readonly distance: { readonly before: number; readonly after: number } | null;
  /** Inputs that both were judged on, those made from the held-out ones included. */
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
  /** Bytes of all values of the source for one sample, by the key of the samples that were solved on. */
  readonly bytes?: ReadonlyMap<string, number>;
  /** What the source answered meanwhile. */
  readonly answers?: KnownAnswers | undefined;
  /** What each of them keeps of the source's behaviour, if that was measured. */
  readonly choice?: SolverChoice;
  /** How unlike the model's own data the samples are. */
  readonly mismatch: Mismatch;
  /** Whether pictures were read as the model was trained, where it takes pictures. */
  readonly reading?: ReadingCheck;
  /** How far μ and σ went from the source's, where they were re-estimated; then there is nothing that was solved. */
  readonly moved?: Mismatch;
  /** What came of refining them, if that was asked for. */
  readonly refined?: Refinement;
}
