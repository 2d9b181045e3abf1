import type { Site } from '../find/types.ts';

/** How the user wants the groups chosen. */
export interface GroupOptions {
  /** G, or a rule: `auto`, the default, or `paper`; see docs/decisions.md. */
  readonly groups?: number | 'auto' | 'paper' | undefined;
  /** C/G; instead of `groups`. */
  readonly channelsPerGroup?: number | undefined;
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
  /** G; divides C. */
  readonly groups: number;
  /** ε. */
  readonly epsilon: number;
  /** γ′, [C]. */
  readonly scale: ArrayLike<number>;
  /** β′, [C]. */
  readonly bias: ArrayLike<number>;
}

/** One norm: which statistics, which parameters, and its reference in float64. */
export interface Norm {
  readonly name: string;
  /** In file names: `model.TAG.onnx`. */
  readonly tag: string;
  readonly summary: string;
  /** G for a site. */
  groupsFor(site: Site, options: GroupOptions): Grouping;
  /** Forms in the order that `--form auto` tries them. */
  readonly forms: readonly string[];
}
