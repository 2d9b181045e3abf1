/** The shape that all optimizers have. */

/** What an optimizer remembers from step to step: vectors as long as the parameters. */
export type OptimizerState = readonly Float32Array[];

export interface StepOptions {
  /** Learning rate of this step. */
  readonly rate: number;
  /** Number of this step, from 1. */
  readonly step: number;
  readonly weightDecay: number;
  /** How many parameters at the front decay: not biases and norms. */
  readonly decayed: number;
  /** What the gradient is multiplied by first, for clipping. */
  readonly factor: number;
}

export interface Optimizer {
  readonly name: string;
  /** How many vectors its state is; zeros before the first step. */
  readonly vectors: number;
  /** Changes parameters and state in place. */
  step(theta: Float32Array, gradient: Float32Array, state: OptimizerState, options: StepOptions): void;
}
