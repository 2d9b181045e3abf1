/** What a calibration tells. */
import type { Plan } from '../plan/index.ts';
import type { GroupFit } from './groups.ts';
import type { Mismatch } from './mismatch.ts';
import type { ReadingCheck } from './reading-fit.ts';

/** How well a site could be solved. */
export interface SiteFit {
  readonly name: string;
  /** Share of the variance of the source's value that the lines explain. */
  readonly r2: number;
  /** Channels whose slope is the one of `statistics`, because the data tell none. */
  readonly fallbacks: number;
  readonly channels: number;
  /** What each G would have explained, where G was chosen by the data. */
  readonly groups?: readonly GroupFit[];
}

/** What came of solving γ′ and β′ from data. */
export interface Calibration {
  /** With γ′, β′ and G solved. */
  readonly plan: Plan;
  readonly fits: readonly SiteFit[];
  /** Samples that γ′ and β′ were solved on, and those that were kept for measuring drift. */
  readonly solvedOn: readonly number[];
  readonly heldOut: readonly number[];
  /** How unlike the model's own data the samples are. */
  readonly mismatch: Mismatch;
  /** Whether pictures were read as the model was trained, where it takes pictures. */
  readonly reading?: ReadingCheck;
  /** How far μ and σ went from the source's, where they were re-estimated; then there is nothing that was solved. */
  readonly moved?: Mismatch;
}
