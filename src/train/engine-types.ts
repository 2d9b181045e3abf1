/** What gradients are opened with, and what a run of them gives. */
import type { TrainedBatchNorm } from '../gradient/batch-norm.ts';
import type { RenormLimits } from '../gradient/renorm.ts';
import type { Device } from '../runtime/device.ts';
import type { Values } from '../runtime/session.ts';
import type { Objective } from './types.ts';

/** What a run of some examples gave. */
export interface Answered {
  readonly loss: number;
  readonly outputs: Values;
}

/** The gradient of the mean loss of some examples. */
export interface Gradient {
  readonly loss: number;
  /** What that mean is over, see {@link Objective}; absent if it is the samples. */
  readonly counted?: number | undefined;
  /** In the order of the parameters; 0 for running statistics. */
  readonly gradient: Float32Array;
  /** Of the run, before the step; absent if nobody asked for them. */
  readonly outputs?: Values | undefined;
  /** The next running statistics, in their order at the end of the parameters; absent if there are none. */
  readonly running?: Float32Array | undefined;
}

export interface EngineOptions {
  /** Which parameters to train, as `--wrt` has it. */
  readonly wrt: readonly string[];
  readonly objective: Objective;
  /** What BatchNormalization does, see {@link BatchNormOptions}. */
  readonly batchNorm: TrainedBatchNorm;
  readonly renormLimits?: RenormLimits | undefined;
  /** What steps are computed on. Answers are always those of the CPU. `cpu`. */
  readonly device?: Device | undefined;
}
