/**
 * gn-swap as a library: read → find → plan → rewrite → write → verify, each step on its own, and {@link swap} for all of
 * them; {@link check} for what was written. Everything takes and returns plain values; only what runs models loads ONNX Runtime.
 *
 * @module
 */

export type { Calibration, Refinement, SiteFit, SolvedPlan, Solver, SolverChoice } from './calibrate/calibration.ts';
export type { GroupFit } from './calibrate/groups.ts';
export type { Mismatch } from './calibrate/mismatch.ts';
export type { ReadingCheck } from './calibrate/reading-fit.ts';
export type { CheckReport, ReportedSite } from './check/index.ts';
export type { CheckedSite, CheckResult, Finding, ParameterState, Severity } from './check/types.ts';
export { type ErrorCode, type ErrorContext, GnSwapError, type NextStep } from './errors.ts';
export { findSites, type Search } from './find/index.ts';
export type { SiteKind } from './find/kinds.ts';
export type { Quantized } from './find/quantized-words.ts';
export type { Flaw, StandingNorm } from './find/standing/types.ts';
export type {
  AffineNeighbours,
  ChannelLine,
  Found,
  Linear,
  Refusal,
  RefusalCode,
  Site,
  Statistics,
} from './find/types.ts';
export type { BatchNormMode, BatchNormOptions, TrainedBatchNorm } from './gradient/batch-norm.ts';
export type { Choice } from './gradient/choose.ts';
export type { Flat, Part } from './gradient/flat.ts';
export type { FixedType } from './gradient/forward.ts';
export type { GradientModel, GradientOptions } from './gradient/index.ts';
export type { LossTerm } from './gradient/join.ts';
export type { LossName, OptimizerName } from './gradient/losses.ts';
export type { OptimizerOptions, Updated } from './gradient/optimizer.ts';
export type { Candidate, Role } from './gradient/parameters.ts';
export type { GradientProof } from './gradient/proof.ts';
export type { RenormLimits } from './gradient/renorm.ts';
export type { Parameter } from './graph/graph-view.ts';
export { type Dataset, datasetOf, type Normalization } from './inputs/dataset.ts';
export type { ImageInput } from './inputs/images.ts';
export { type Labels, labelledOf } from './inputs/labelled/memory.ts';
export type { LabelledTask } from './inputs/labelled/options.ts';
export {
  type Example,
  type LabelledBox,
  type LabelledData,
  type LeftOut,
  type Skipped,
  type Target,
  UNLABELLED,
} from './inputs/labelled/types.ts';
export type { Picture } from './inputs/picture-back.ts';
export type { Advice } from './jobs/compare-finetune/recommend.ts';
export type { RowName } from './jobs/compare-finetune/rows.ts';
export type {
  ComparedRow,
  ComparedTraining,
  CompareFinetuneOptions,
  TrainingRun,
} from './jobs/compare-finetune/types.ts';
export type { Finetuned, FinetuneFacts, FinetuneOptions } from './jobs/finetune.ts';
export type { Measured } from './jobs/finetune-measured.ts';
export type { CheckBytesOptions } from './jobs/options.ts';
export type { LossFunction, OwnSample, OwnTrainer, OwnTrainerOptions } from './jobs/own-trainer.ts';
export { type SwapOptions, type SwapResult, swap } from './jobs/swap.ts';
export type { SiteDrift } from './measure/activations.ts';
export type { Box } from './measure/boxes/box.ts';
export type { Drift } from './measure/drift.ts';
export type { Compared } from './measure/held-out.ts';
export type { HistogramPair } from './measure/histogram.ts';
export type { Kept, TaskKept } from './measure/kept.ts';
export type { Latency, Timing } from './measure/latency.ts';
export type { Observations, Observe } from './measure/observe.ts';
export type { TaskOptions } from './measure/tasks/types.ts';
export { type ByteSource, MemorySource } from './onnx/bytes.ts';
export { DataType } from './onnx/data-type.ts';
export {
  type DataFile,
  type Home,
  type Loaded,
  type Model,
  memoryHome,
  opsetVersion,
  readModel,
  writeModel,
} from './onnx/model.ts';
export type { FunctionProto, GraphProto, Int64, ModelProto, NodeProto, TensorProto } from './onnx/schema.ts';
export type { ExternalData } from './onnx/tensor.ts';
export type { Shape } from './onnx/value-type.ts';
export type { PlanOptions } from './plan/choices.ts';
export { type Plan, plan, type SitePlan } from './plan/index.ts';
export type { Trains } from './plan/onnx2torch.ts';
export type { FinetuneReportOptions } from './report/finetune-report.ts';
export { type Rewritten, type RewrittenSite, rewrite } from './rewrite/index.ts';
export { PROVENANCE_KEY, type Provenance, provenanceOf, type SiteProvenance } from './rewrite/record.ts';
export type { SessionSettings, Value, Values } from './runtime/session.ts';
export type { AugmentationName } from './train/augment/index.ts';
export type { AnchorLayout, DetectorOptions } from './train/detect/types.ts';
export type { ShownExample } from './train/examples.ts';
export type { EpochFacts, FitEvent, FitPhase, FitState, StepFacts, TriedRate } from './train/fit-types.ts';
export type { Gain } from './train/gain.ts';
export type { OptimizerState } from './train/optimizers/types.ts';
export type { Stepped, TrainerOptions, TrainerState } from './train/trainer.ts';
export type { Answer, AnsweredBox, ClassScore, HostLoss, Score } from './train/types.ts';
export type { Deviation } from './verify/bounds.ts';
export type { SiteCheck, SiteVerification } from './verify/sites.ts';
export type { Check, CheckName, Verification, VerifyOptions } from './verify/verification.ts';
export { VERSION } from './version.ts';

import type { CheckReport } from './check/index.ts';
import type { GradientModel, GradientOptions } from './gradient/index.ts';
import type { LabelledData } from './inputs/labelled/types.ts';
import type { ComparedTraining, CompareFinetuneOptions } from './jobs/compare-finetune/types.ts';
import type { Finetuned, FinetuneOptions } from './jobs/finetune.ts';
import { requireOptions } from './jobs/given/rules.ts';
import type { CheckBytesOptions } from './jobs/options.ts';
import type { OwnTrainer, OwnTrainerOptions } from './jobs/own-trainer.ts';
import { requireModel } from './onnx/given.ts';
import type { Model } from './onnx/model.ts';
import type { FinetuneReportOptions } from './report/finetune-report.ts';
import type { Verification, VerifyOptions } from './verify/verification.ts';

/**
 * Runs a written model against its source and against the float64 reference of every norm in it. Loads ONNX Runtime.
 *
 * @throws GnSwapError `runtime-missing`, `runtime-failed` where the source does not load, `invalid-data` where it does not run,
 *   `invalid-arguments` for what is not a model
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  requireModel(options?.source, 'verify');
  requireModel(options.written, 'verify');
  return (await import('./verify/index.ts')).verify(options);
}

/**
 * Proves a model with norms still valid, without trusting what it says of itself. Loads ONNX Runtime, unless `verify` is false.
 *
 * @param file the bytes of an `.onnx` file without external data, whoever wrote it
 * @returns also where it is damaged: see `passed`, and the findings of `checks`
 * @throws GnSwapError where `against` is no model, `runtime-missing` where there is no ONNX Runtime, `invalid-arguments`
 */
export async function check(file: Uint8Array, options?: CheckBytesOptions): Promise<CheckReport> {
  return (await import('./jobs/check.ts')).check(file, options);
}

/**
 * Writes the gradient of a model as a model: standard operators only, for any ONNX Runtime. Loads ONNX Runtime, which tells the sizes.
 *
 * @throws GnSwapError `unsupported-model` naming each node without a gradient between a parameter and the loss,
 *   `invalid-arguments` if a size, an output or a parameter has to be named
 */
export async function gradientOf(model: Model, options: GradientOptions = {}): Promise<GradientModel> {
  requireModel(model, 'gradientOf');
  requireOptions(options, (await rules()).GRADIENT);
  return (await import('./gradient/index.ts')).gradientOf(model, options);
}

/**
 * Trains a model on labelled samples, with ONNX Runtime alone: the same graph, names and opset, other weights. The best epoch on held-out
 * samples is kept.
 *
 * @param data see `labelledOf`
 * @returns `model` is absent if no epoch was better than the model as it was
 * @throws GnSwapError `invalid-data`, `invalid-arguments` if model, samples and options do not go together, `unsupported-model` if a
 *   node between what is trained and the loss has no gradient, `verification-failed` if the result is not what was trained
 */
export async function finetune(model: Model, data: LabelledData, options: FinetuneOptions): Promise<Finetuned> {
  requireModel(model, 'finetune');
  const { FINETUNE, requireSamples } = await rules();
  requireSamples(data, 'finetune');
  requireOptions(options, FINETUNE);
  return (await import('./jobs/finetune.ts')).finetune(model, data, options);
}

/**
 * Writes a report on a training run: curves, classes, examples before and after, and what was trained.
 *
 * @param finetuned what {@link finetune} returned
 */
export async function finetuneReport(
  finetuned: Pick<Finetuned, 'facts'>,
  options?: FinetuneReportOptions,
): Promise<string> {
  return (await import('./report/finetune-report.ts')).finetuneReport(finetuned, options);
}

/**
 * Trains a model in several ways on the same samples (BatchNormalization frozen or in training mode, re-estimated, other norms), and advises
 * which pays, if any.
 *
 * @param data see `labelledOf`
 * @returns scores on samples that chose nothing, and advice; with the runs so far if a signal ended it
 * @throws GnSwapError `invalid-data` if there are too few samples, `invalid-arguments`, and what {@link finetune} throws if no row can
 *   be trained
 */
export async function compareFinetune(
  model: Model,
  data: LabelledData,
  options: CompareFinetuneOptions,
): Promise<ComparedTraining> {
  requireModel(model, 'compareFinetune');
  const { COMPARE, requireSamples } = await rules();
  requireSamples(data, 'compareFinetune');
  requireSamples(options?.held, 'compareFinetune with options.held');
  requireOptions(options, COMPARE);
  return (await import('./jobs/compare-finetune/index.ts')).compareFinetune(model, data, options);
}

/**
 * Opens a model for training in a loop of one's own.
 *
 * @returns step it, take its model, and close it
 * @throws GnSwapError `unsupported-model` if what is trained can't be differentiated, `invalid-arguments` for options that are none
 */
export async function trainer(model: Model, options: OwnTrainerOptions): Promise<OwnTrainer> {
  requireModel(model, 'trainer');
  // It has no default.
  requireOptions({ ...options, sample: options?.sample ?? null }, (await rules()).TRAINER);
  return (await import('./jobs/own-trainer.ts')).OwnTrainer.open(model, options);
}

/** What options of training must be; loaded when something is trained. */
async function rules(): Promise<typeof import('./jobs/given/training.ts')> {
  return import('./jobs/given/training.ts');
}
