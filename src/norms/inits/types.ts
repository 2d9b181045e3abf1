import type { Statistics } from '../../find/types.ts';

/** γ′ and β′, [C] each, and how many channels needed a fallback. */
export interface Affine {
  readonly scale: Float64Array;
  readonly bias: Float64Array;
}

/** One way to choose γ′ and β′ for groups of channels. */
export interface Init {
  readonly name: string;
  readonly summary: string;
  /**
   * @param statistics γ, β, μ and σ² of the source's norm
   * @param groups G; divides the number of channels
   * @param epsilon ε
   */
  parameters(statistics: Statistics, groups: number, epsilon: number): Affine;
}
