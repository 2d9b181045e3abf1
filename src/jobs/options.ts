import type { CheckOptions } from '../check/index.ts';
import type { SiteKind } from '../find/kinds.ts';
import type { MeantOptions } from '../inputs/as-meant.ts';
import type { Dataset } from '../inputs/dataset.ts';
import type { JobPlanOptions } from '../plan/refuse.ts';
import type { VerifyOptions } from '../verify/verification.ts';

/** Options of a swap; named as on the command line. */
export interface SwapOptions
  extends JobPlanOptions,
    Pick<VerifyOptions, 'inputs' | 'seed' | 'memory' | 'maxDrift' | 'minKept' | 'tasks' | 'time' | 'onProgress'> {
  /** Which places to rewrite; `folded` and `all` need `calibrate`. Default `batchnorm`. */
  readonly sites?: SiteKind | undefined;
  /** Whether Mul and Add of constants right before or behind a norm are merged into γ′ and β′; default false. */
  readonly absorbAffine?: boolean | undefined;
  /** Whether `spatial=0` with one number per channel is read as `spatial=1`; default false. */
  readonly assumeSpatial?: boolean | undefined;
  /** Whether the first axis of the inputs counts samples; default what the graph tells. */
  readonly batchAxis?: MeantOptions['batchAxis'];
  /** Unlabelled inputs to solve γ′ and β′ from; see `datasetOf`. */
  readonly calibrate?: Dataset | undefined;
  /**
   * What norms are solved to match: `source`, the default, or `adapted`, the source with its running statistics re-estimated on the
   * inputs, for a domain that it was not trained on. Only with `calibrate`.
   */
  readonly reference?: 'source' | 'adapted' | undefined;
  /**
   * Steps that γ′ and β′ are refined for behind a calibration: they learn what the source answers to the inputs, and are kept if that keeps
   * no less of its behaviour on held-out inputs. Only with `calibrate`. Default 0.
   */
  readonly refine?: number | undefined;
  /** Whether to run the result in ONNX Runtime; default true. */
  readonly verify?: boolean | undefined;
  /** Ends the swap, between two runs of the model; it is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `check`; named as on the command line. */
export interface CheckBytesOptions
  extends Pick<CheckOptions, 'inputs' | 'seed' | 'memory' | 'maxDrift' | 'minKept' | 'tasks' | 'time' | 'onProgress'> {
  /** The bytes of the model that it is said to have been made from. */
  readonly against?: Uint8Array | undefined;
  /** Whether to run the model in ONNX Runtime; default true. */
  readonly verify?: boolean | undefined;
  /** Ends the check, between two runs of the model; it is then rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
