import type { Refusal, Site } from '../find/types.ts';
import type { DataType } from '../onnx/data-type.ts';
import type { Affine, Init } from './inits/types.ts';

/** How the user wants the groups chosen. */
export interface GroupOptions {
  /** G, or a rule: `auto`, the default, or `paper`; see docs/measurements/groups.md. */
  readonly groups?: number | 'auto' | 'paper' | undefined;
  /** C/G; instead of `groups`. */
  readonly channelsPerGroup?: number | undefined;
}

/** How the user wants a norm to be. */
export interface NormOptions extends GroupOptions {
  /** Of batch-renorm: how far its deviation may be from the moving one, as a factor; default 3. */
  readonly rMax?: number | undefined;
  /** Of batch-renorm: how many moving deviations its mean may be from the moving mean; default 5. */
  readonly dMax?: number | undefined;
}

/** G for a site, and a remark where it is not the G that was asked for. */
export interface Grouping {
  readonly groups: number;
  readonly note?: string;
}

/** What is averaged over, and the affine map after it: all that a norm over groups of channels needs. */
export interface GroupedNorm {
  /** C. */
  readonly channels: number;
  /** G; divides C. C where each channel is by itself. */
  readonly groups: number;
  /** ε. */
  readonly epsilon: number;
  /** γ′, [C]. */
  readonly scale: ArrayLike<number>;
  /** β′, [C]. */
  readonly bias: ArrayLike<number>;
  /** Other numbers of the norm, by role. */
  readonly more?: Readonly<Record<string, ArrayLike<number>>>;
}

/** What a norm plans for a site: γ′ and β′, other numbers, and remarks for the user. */
export interface Planned extends Affine, Pick<GroupedNorm, 'more'> {
  readonly notes: readonly string[];
}

/** The exact result, and what bounds the error of a less exact one. */
export interface Reference {
  /** y, in the layout of x. */
  readonly values: Float64Array;
  /** For each element |γ′|·max|x|/√(v+ε) + |y|: the size that roundoff is relative to. */
  readonly magnitude: Float64Array;
  /** m of each group, [N, G]. */
  readonly mean: Float64Array;
  /** v of each group, [N, G]. */
  readonly variance: Float64Array;
}

/** A sample's reference, and where its bounds are put. */
export interface Referred {
  readonly reference: Reference;
  readonly bounds: Float64Array;
}

/** Where references come from. */
export interface References {
  /** The reference of a sample of those dimensions by a norm. */
  of(x: ArrayLike<number>, dims: readonly number[], norm: GroupedNorm): Referred;
}

/** What was computed at a site: by which norm, of what, in which type and form. */
export interface Computed {
  readonly norm: GroupedNorm;
  /** Row-major, shape `dims` = [N, C, D₁, …]. */
  readonly x: ArrayLike<number>;
  readonly dims: readonly number[];
  readonly type: DataType;
  /** Whether a sum runs over all that is averaged; else over one axis after the other. */
  readonly oneStage: boolean;
  /**
   * Whether the bound makes room for a variance computed as E[x²] − m², which loses the digits that both have in common.
   * Default false: what a careful computation achieves.
   */
  readonly bySquares?: boolean;
  /** What other answers to the same x, by the same norm, are held against, too. */
  readonly references?: References;
}

/**
 * Told the exact values of some elements of y in a row, from that index in y on, and how far computed ones may be from them. The lists are
 * filled again for those that follow.
 */
export type Visit = (start: number, references: Float64Array, bounds: Float64Array) => void;

/** Why a norm can't stand at a site. */
export type NormReason = Pick<Refusal, 'code' | 'reason' | 'remedy'>;

/** One norm: which statistics, which parameters, its reference in float64, and what can be expected of it. */
export interface Norm {
  readonly name: string;
  /** In file names: `model.TAG.onnx`. */
  readonly tag: string;
  readonly summary: string;
  /** Forms in the order that `--form auto` tries them. */
  readonly forms: readonly string[];
  /** Whether G may be chosen, by the user or by data. */
  readonly freeGroups: boolean;
  /** What of it trains at a batch of 1, in a few words. */
  readonly atBatchOne: string;
  /**
   * What calibration inputs are to it: γ′ and β′ can be solved from them; μ and σ² are re-estimated from them, so they must be
   * given; or all hangs on the source alone.
   */
  readonly data: 'optional' | 'required' | 'unused';
  /** Whether a sample is answered alone as in a batch. */
  readonly independent: boolean;
  /**
   * Where it computes what the source does: how far outputs may drift by rounding, in float32, relative to the source. Absent
   * where it is another function.
   */
  readonly maxDrift?: number;
  /** G for a site; C for a norm that takes each channel by itself. */
  groupsFor(site: Site, options: GroupOptions): Grouping;
  /** Why the norm can't stand at a site; `undefined` where it can. */
  check(site: Site, groups: number): NormReason | undefined;
  /**
   * γ′, β′ and what else it needs, without data.
   *
   * @throws GnSwapError `invalid-arguments` for an option that makes no sense
   */
  parameters(site: Site, groups: number, init: Init, options: NormOptions): Planned;
  /** The reference, in float64: every element of y, in order, with its bound. */
  elements(computed: Computed, visit: Visit): void;
}
