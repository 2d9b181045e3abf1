/** Parameters, their optimizer and the gradients that move them: one step at a time. */
import { GnSwapError } from '../errors.ts';
import type { TrainedBatchNorm } from '../gradient/batch-norm.ts';
import type { Flat } from '../gradient/flat.ts';
import type { OptimizerName } from '../gradient/losses.ts';
import type { RenormLimits } from '../gradient/renorm.ts';
import type { Example } from '../inputs/labelled/types.ts';
import type { Model } from '../onnx/model.ts';
import type { Device } from '../runtime/device.ts';
import type { Values } from '../runtime/session.ts';
import { withParameters, writable } from './deliver.ts';
import { Engine } from './engine.ts';
import type { Answered } from './engine-types.ts';
import { MeanGradient } from './mean-gradient.ts';
import { OPTIMIZERS } from './optimizers/index.ts';
import type { OptimizerState } from './optimizers/types.ts';
import { type Units, unitSteps } from './optimizers/unit-steps.ts';
import { sideBySide } from './optimizers/vectors.ts';
import type { Objective } from './types.ts';

/** How training steps; each with its default. */
export interface TrainerOptions {
  /** What to train: `all`, `norms`, `head`, or regular expressions over names; behind `!`, what to leave out. `all`. */
  readonly wrt?: readonly string[] | undefined;
  /** `adamw`. */
  readonly optimizer?: OptimizerName | undefined;
  /** Of weights; never of biases and norms. 0.01. */
  readonly weightDecay?: number | undefined;
  /** The largest norm of a step's gradient. 10. */
  readonly clip?: number | undefined;
  /**
   * What BatchNormalization does: `frozen` keeps its running statistics; `train` takes the statistics of each run's samples, and moves the
   * running ones; `renorm` corrects them towards the running ones (batch renormalization). `frozen`.
   */
  readonly batchNorm?: TrainedBatchNorm | undefined;
  /** Of `renorm`: how far the statistics of a batch may be from the running ones. */
  readonly renormLimits?: RenormLimits | undefined;
  /** What steps are computed on; the first is compared with the CPU's. Answers are always the CPU's. `cpu`. */
  readonly device?: Device | undefined;
}

/** What one step did. */
export interface Stepped {
  /** Mean over the samples, before the step. */
  readonly loss: number;
  /** Of the gradient, before it was clipped. */
  readonly norm: number;
}

/** What has to be kept to go on with training. */
export interface TrainerState {
  readonly steps: number;
  readonly theta: Float32Array;
  readonly optimizer: OptimizerState;
}

const CLIP = 10;
const WEIGHT_DECAY = 0.01;

/** Trains parameters of a model. The model stays as it is; {@link Trainer.model} gives one with the parameters of the moment. */
export class Trainer {
  readonly #model: Model;
  readonly #engine: Engine;
  readonly #optimizer: OptimizerName;
  readonly #clip: number;
  readonly #weightDecay: number;
  readonly #units: Units;
  readonly #theta: Float32Array;
  readonly #state: OptimizerState;
  #steps = 0;

  private constructor(model: Model, engine: Engine, options: TrainerOptions, units: Units) {
    const { optimizer = 'adamw', clip, weightDecay } = options;
    this.#model = model;
    this.#engine = engine;
    this.#optimizer = optimizer;
    this.#clip = clip ?? CLIP;
    this.#weightDecay = weightDecay ?? WEIGHT_DECAY;
    this.#units = optimizer === 'adamw' ? units : new Map();
    const [theta, ...state] = sideBySide(engine.first.length, 1 + OPTIMIZERS[optimizer].vectors);
    this.#theta = theta as Float32Array;
    this.#theta.set(engine.first);
    this.#state = state;
  }

  /**
   * Builds the gradient of a model.
   *
   * @param example a sample of the shape that most have
   * @param units by the name of a parameter, what a step of AdamW is multiplied by: the deviation of what a last layer answers
   * @throws GnSwapError `unsupported-model` if what is trained can't be differentiated
   */
  static async open(
    model: Model,
    objective: Objective,
    example: Example,
    options: TrainerOptions = {},
    units: Units = new Map(),
  ): Promise<Trainer> {
    const { wrt = ['all'], batchNorm = 'frozen', renormLimits, device } = options;
    const how = { batchNorm, renormLimits, device };
    const first = await Engine.open(model, example, { wrt, objective, ...how });
    const known = writable(model);
    const lost = first.layout.parts.filter(({ name }) => !known.has(name));
    if (lost.length === 0) return new Trainer(model, first, options, units);
    // Tensors of functions and subgraphs have names of their own only after inlining, so nothing could be written back.
    await first.close();
    const without = lost.map(({ name }) => `!^${escaped(name)}$`);
    const second = await Engine.open(model, example, { wrt: [...wrt, ...without], objective, ...how });
    const left = second.layout.parts.find(({ name }) => !known.has(name));
    if (left === undefined) return new Trainer(model, second, options, units);
    await second.close();
    throw new GnSwapError('unsupported-model', 'its running statistics are in a function or a subgraph', {
      node: left.name,
      remedy: 'Leave --batch-norm out: that norm can only stay frozen',
    });
  }

  /** Where each parameter lies in the vector. */
  get layout(): Flat {
    return this.#engine.layout;
  }

  /** Every stored float tensor of the model, whether it is trained, and why. */
  get parameters() {
    return this.#engine.parameters;
  }

  get notes(): readonly string[] {
    return this.#engine.notes;
  }

  /** Number of steps so far. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * Moves the parameters by one step over the mean loss of all samples, as if they shared one run. Samples of one run have equal shapes.
   *
   * @param seen is shown the outputs of each run, from before the step
   */
  async step(
    runs: readonly (readonly Example[])[],
    rate: number,
    seen?: (outputs: Values, run: readonly Example[]) => void | Promise<void>,
  ): Promise<Stepped> {
    const mean = new MeanGradient(runs.reduce((sum, run) => sum + run.length, 0));
    for (const run of runs) {
      const part = await this.#engine.gradient(this.#theta, run, seen !== undefined);
      if (part.outputs !== undefined) await seen?.(part.outputs, run);
      if (part.running !== undefined) this.#theta.set(part.running, this.#theta.length - part.running.length);
      mean.add(part, run.length);
    }
    const { loss, gradient } = mean.result();
    const norm = normOf(gradient);
    // Parameters that are not finite can't be mended any more, so a bad step is not taken.
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) return { loss: Number.NaN, norm };
    this.#steps++;
    const { parts, decayed } = this.layout;
    const [weightDecay, step] = [this.#weightDecay, this.#steps];
    const inUnits = unitSteps(
      this.#theta,
      parts,
      this.#units,
      ({ offset }) => 1 - (offset < decayed ? rate * weightDecay : 0),
    );
    const factor = norm > this.#clip ? this.#clip / norm : 1;
    OPTIMIZERS[this.#optimizer].step(this.#theta, gradient, this.#state, { rate, step, weightDecay, decayed, factor });
    inUnits();
    return { loss, norm };
  }

  /** Runs samples of equal shapes through the model as it is now. */
  answer(run: readonly Example[]): Promise<Answered> {
    return this.#engine.answer(this.#theta, run);
  }

  /** Computes loss and gradient of samples of equal shapes, and changes nothing. */
  gradient(run: readonly Example[]) {
    return this.#engine.gradient(this.#theta, run);
  }

  /** Tells how many bytes the values of a step take; of one that trains other parameters, if `wrt` names them. */
  peak(run: readonly Example[], wrt?: readonly string[]): Promise<number> {
    return this.#engine.peak(run, wrt);
  }

  /** Keeps the sessions of fewer shapes than it would. */
  keepFewer(shapes: number): void {
    this.#engine.keepFewer(shapes);
  }

  /** Whether all parameters are finite: the last step of an epoch may have made them so large that the next would tell. */
  isFinite(): boolean {
    return this.#theta.every(Number.isFinite);
  }

  /** The parameters of the moment, a copy. */
  parametersNow(): Float32Array {
    return this.#theta.slice();
  }

  /** The model with the parameters of the moment, or with given ones. */
  model(theta = this.#theta): Model {
    return withParameters(this.#model, this.layout.parts, theta);
  }

  state(): TrainerState {
    return { steps: this.#steps, theta: this.#theta.slice(), optimizer: this.#state.map((it) => it.slice()) };
  }

  /**
   * Goes on from a state, or from given parameters with a fresh optimizer.
   *
   * @throws GnSwapError `invalid-arguments` if it is that of other parameters, or of another optimizer
   */
  restore(state: TrainerState | { readonly theta: Float32Array }): void {
    const isWhole = 'optimizer' in state;
    const { length } = this.#theta;
    const vectors = isWhole ? [state.theta, ...state.optimizer] : [state.theta];
    if ((isWhole && vectors.length !== 1 + this.#state.length) || vectors.some((it) => it.length !== length)) {
      throw new GnSwapError('invalid-arguments', 'the state is that of other parameters, or of another optimizer', {
        remedy: 'Open the trainer with the model and the options that the state was made with',
      });
    }
    this.#theta.set(state.theta);
    this.#steps = isWhole ? state.steps : 0;
    for (const [index, vector] of this.#state.entries()) {
      const kept = isWhole ? state.optimizer[index] : undefined;
      if (kept === undefined) vector.fill(0);
      else vector.set(kept);
    }
  }

  /** The parameters that the file holds. */
  get first(): Float32Array {
    return this.#engine.first;
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

/** In float64, so that a million squares lose no digits; in four sums, as one waits for itself: 25 ms for 11.7 million numbers, and 13 so. */
function normOf(gradient: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = gradient.length - (gradient.length % 4);
  const square = (index: number) => (gradient[index] as number) * (gradient[index] as number);
  for (let i = 0; i < whole; i += 4) {
    a += square(i);
    b += square(i + 1);
    c += square(i + 2);
    d += square(i + 3);
  }
  for (let i = whole; i < gradient.length; i++) a += square(i);
  return Math.sqrt(a + b + c + d);
}

/** A pattern for exactly these characters. */
export function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
