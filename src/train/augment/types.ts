/** The shape that all augmentations have. */
import type { Random } from '../../inputs/random.ts';
import type { Affine, Size } from './affine.ts';

/** A change of a picture's colours, on the scale of bytes: contrast about the picture's mean grey, then gain, then bias. */
export interface ColourChange {
  readonly gain: number;
  /** In bytes. */
  readonly bias: number;
  readonly contrast: number;
  /** 0 is grey, 1 leaves colours as they are. */
  readonly saturation: number;
}

/** Moves pixels. */
export interface Warp {
  readonly kind: 'warp';
  /** In words, for help. */
  readonly description: string;
  draw(random: Random, size: Size): Affine;
}

/** Changes colours. */
export interface Tint {
  readonly kind: 'colour';
  readonly description: string;
  draw(random: Random): ColourChange;
}

/** What may be done to a picture without changing what it shows. */
export type Augmentation = Warp | Tint;

/** Uniform between two numbers. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}
