/**
 * Runs gradients: a session for each shape of the inputs, as gradient models are made for fixed sizes.
 *
 * Parameters are fed with every run, so a step changes no session. A loss outside the graph needs a run forward first, whose outputs it
 * turns into what the run backward takes.
 */
import { GnSwapError } from '../errors.ts';
import type { BatchNormMode } from '../gradient/batch-norm.ts';
import type { Choice } from '../gradient/choose.ts';
import type { Flat } from '../gradient/flat.ts';
import { type GradientModel, gradientOf } from '../gradient/index.ts';
import { requiredInputs } from '../graph/interface.ts';
import { batchOf } from '../inputs/batch.ts';
import type { Example } from '../inputs/labelled/types.ts';
import { DataType } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import type { Device } from '../runtime/device.ts';
import { keepSession, type OpenSession, type Value, type Values, withSession } from '../runtime/session.ts';
import { agreement } from './device.ts';
import type { Answered, EngineOptions, Gradient } from './engine-types.ts';
import { joinInputs } from './feed.ts';
import { peakOf } from './memory/peak.ts';
import { firstOf, type RunningStatistics, runningStatistics } from './running-statistics.ts';
import { closeSized, forwardOf, type Sized } from './sized.ts';

/** Dimensions by name. */
type Sizes = Readonly<Record<string, readonly number[]>>;

/** Sessions that are kept: more shapes than these take turns. */
export const MOST_SIZES = 4;

/** Gradients of one model at any of its sizes. */
export class Engine {
  readonly #model: Model;
  readonly #options: EngineOptions;
  readonly #outputs: readonly string[];
  /** Inputs that are the same for all samples of a batch. */
  readonly #shared: ReadonlySet<string>;
  readonly #sizes = new Map<string, Promise<Sized>>();
  #layout: Flat | undefined;
  #running: RunningStatistics | undefined;
  #parameters: readonly Choice[] = [];
  #first: Float32Array = new Float32Array();
  #notes: readonly string[] = [];
  #shapes = MOST_SIZES;
  /** Whether the device has computed what the CPU does. */
  #isTrusted: boolean;

  private constructor(model: Model, options: EngineOptions) {
    this.#model = model;
    this.#options = options;
    this.#isTrusted = (options.device ?? 'cpu') === 'cpu';
    this.#outputs = model.proto.graph.output.map(({ name }) => name);
    const { inputs } = batchOf(model);
    this.#shared = new Set(model.proto.graph.input.map(({ name }) => name).filter((name) => !inputs.has(name)));
  }

  /**
   * Opens the gradient of a model for the shape of an example.
   *
   * @throws GnSwapError as `gradientOf`
   */
  static async open(model: Model, example: Example, options: EngineOptions): Promise<Engine> {
    const engine = new Engine(model, options);
    const { made } = await engine.#at([example], 'cpu');
    const { layout } = made;
    if (layout === undefined || layout.type.type !== DataType.FLOAT) {
      throw new GnSwapError('unsupported-model', 'its parameters are not float32, and training needs float32', {
        remedy: 'Convert the model to float32 first, train it, and convert the result back',
      });
    }
    engine.#running = runningStatistics(made, layout);
    engine.#layout = engine.#running.layout;
    engine.#parameters = made.parameters;
    engine.#notes = made.notes;
    const values = await withSession(made.init, (session) => session.run({}));
    engine.#first = firstOf(values, engine.layout, engine.#running);
    return engine;
  }

  /** Where each parameter lies in the vector; running statistics that move are at its end. */
  get layout(): Flat {
    return this.#layout as Flat;
  }

  /** Every stored float tensor, whether it is trained, and why. */
  get parameters(): readonly Choice[] {
    return this.#parameters;
  }

  /** The parameters as the file holds them. */
  get first(): Float32Array {
    return this.#first;
  }

  get notes(): readonly string[] {
    return this.#notes;
  }

  /**
   * Computes the mean loss of a batch of equal shapes and its gradient; and the outputs, if `seen` says so. The first is computed on the CPU
   * too, before another device is trusted.
   *
   * @throws GnSwapError `verification-failed` if the device computes something else
   */
  async gradient(theta: Float32Array, batch: readonly Example[], seen = false): Promise<Gradient> {
    const { device = 'cpu' } = this.#options;
    const found = await this.#gradient(theta, batch, seen, device);
    if (!this.#isTrusted) {
      const expected = await this.#gradient(theta, batch, false, 'cpu');
      this.#notes = [...this.#notes, agreement(device, found, expected)];
      this.#isTrusted = true;
      await this.#closeBackward(batch);
    }
    return found;
  }

  async #gradient(theta: Float32Array, batch: readonly Example[], seen: boolean, device: Device): Promise<Gradient> {
    const sized = await this.#at(batch, device);
    const { made } = sized;
    sized.backward ??= await keepSession(made.model, { device, planMemory: false, wholeNumbers: false });
    const { backward } = sized;
    const { objective } = this.#options;
    const name = made.gradients.get(this.layout.name) as string;
    const feeds = this.#feeds(theta, batch);
    const running = this.#running as RunningStatistics;
    const wanted = [name, ...running.next];
    if (objective.kind === 'graph') {
      const loss = made.loss as string;
      const read = [loss, ...wanted, ...(seen ? this.#outputs : [])];
      const targets = await objective.targets(batch);
      const results = await backward.session.run({ ...feeds, ...named(made, targets) }, read);
      const outputs = seen ? results : undefined;
      const told = { loss: scalarOf(results[loss]), counted: objective.counted?.(targets), outputs };
      return { ...told, ...running.split(floats(results[name]), results) };
    }
    const forward = await this.#forward(sized, device);
    const outputs = await forward.session.run(feeds);
    const { loss, counted, gradients } = await objective.lossOf(outputs, batch);
    const seeds = [...made.seeds].map(([output, seed]) => {
      const value = outputs[output] as Value;
      return [seed, gradients[output] ?? { ...value, data: new Float32Array(value.data.length) }] as const;
    });
    const results = await backward.session.run({ ...feeds, ...Object.fromEntries(seeds) }, wanted);
    return { loss, counted, ...running.split(floats(results[name]), results), outputs };
  }

  /** Runs a batch of equal shapes forward, as the file will answer it. */
  async answer(theta: Float32Array, batch: readonly Example[]): Promise<Answered> {
    const sized = await this.#at(batch, 'cpu');
    const { made } = sized;
    const { objective } = this.#options;
    const { session } = await this.#inference(sized, batch);
    const feeds = this.#feeds(theta, batch);
    if (objective.kind === 'host') {
      const outputs = await session.run(feeds);
      return { outputs, loss: (await objective.lossOf(outputs, batch)).loss };
    }
    const outputs = await session.run({ ...feeds, ...named(made, await objective.targets(batch)) });
    return { outputs, loss: scalarOf(outputs[made.loss as string]) };
  }

  /** Tells how many bytes the values of a step take; of one that trains other parameters, if `wrt` names them. */
  async peak(batch: readonly Example[], wrt?: readonly string[]): Promise<number> {
    const { batchNorm, objective } = this.#options;
    const made =
      wrt === undefined
        ? (await this.#at(batch, 'cpu')).made
        : await this.#make(this.#sizesOf(batch), batchNorm, await this.#lossSizesOf(batch), wrt);
    // Outputs come from a run of their own if the loss is not in the graph.
    const forward = objective.kind === 'host' ? peakOf(forwardOf(made.model, this.#outputs)) : 0;
    return peakOf(made.model) + forward;
  }

  /** Keeps the sessions of fewer shapes than it would. */
  keepFewer(shapes: number): void {
    this.#shapes = Math.min(MOST_SIZES, shapes);
  }

  async close(): Promise<void> {
    const open = await Promise.all([...this.#sizes.values()].map((it) => it.catch(() => undefined)));
    this.#sizes.clear();
    for (const sized of open) await closeSized(sized);
  }

  #feeds(theta: Float32Array, batch: readonly Example[]): Values {
    return { ...joinInputs(batch, this.#shared), ...this.#running?.feeds(theta) };
  }

  async #at(batch: readonly Example[], device: Device): Promise<Sized> {
    const sizes = this.#sizesOf(batch);
    const lossSizes = await this.#lossSizesOf(batch);
    const key = JSON.stringify([device, sizes, lossSizes]);
    const known = this.#sizes.get(key);
    if (known !== undefined) {
      // The one that was used last is the last to go.
      this.#sizes.delete(key);
      this.#sizes.set(key, known);
      return known;
    }
    const opening = this.#open(sizes, lossSizes);
    this.#sizes.set(key, opening);
    const [oldest] = this.#sizes.keys();
    if (this.#sizes.size > (device === 'cpu' ? 1 : 2) * this.#shapes && oldest !== undefined) {
      const old = await this.#sizes.get(oldest);
      this.#sizes.delete(oldest);
      await closeSized(old);
    }
    return opening;
  }

  async #open(sizes: Sizes, lossSizes: Sizes): Promise<Sized> {
    const made = await this.#make(sizes, this.#options.batchNorm, lossSizes);
    if (
      this.#layout !== undefined &&
      made.layout?.parts.some((part, index) => part.name !== this.layout.parts[index]?.name)
    ) {
      throw new GnSwapError(
        'unsupported-model',
        'which parameters the loss depends on changes with the size of the input',
        {
          remedy: 'Train at one size: --size HEIGHTxWIDTH',
        },
      );
    }
    return { made, backward: undefined, forward: undefined, inference: undefined };
  }

  #make(
    sizes: Sizes,
    batchNorm: BatchNormMode,
    lossSizes: Sizes,
    wrt: readonly string[] = this.#options.wrt,
  ): Promise<GradientModel> {
    const { objective, renormLimits } = this.#options;
    const loss = objective.kind === 'graph' ? objective.terms : 'none';
    const how = { wrt, chosenBy: '--train', flat: true, batchNorm, renormLimits } as const;
    return gradientOf(this.#model, { ...how, loss, sizes, lossSizes });
  }

  async #forward(sized: Sized, device: Device): Promise<OpenSession> {
    sized.forward ??= await this.#openForward(sized.made, device);
    return sized.forward;
  }

  /** Frees what the CPU needed to check a device. */
  async #closeBackward(batch: readonly Example[]): Promise<void> {
    const sized = await this.#at(batch, 'cpu');
    await sized.backward?.close();
    sized.backward = undefined;
  }

  async #inference(sized: Sized, batch: readonly Example[]): Promise<OpenSession> {
    if (this.#options.batchNorm === 'frozen') return this.#forward(sized, 'cpu');
    sized.inference ??= await this.#openForward(
      await this.#make(this.#sizesOf(batch), 'given', await this.#lossSizesOf(batch)),
      'cpu',
    );
    return sized.inference;
  }

  #openForward({ model, loss }: GradientModel, device: Device): Promise<OpenSession> {
    return keepSession(forwardOf(model, [...this.#outputs, ...(loss === undefined ? [] : [loss])]), {
      device,
      wholeNumbers: false,
    });
  }

  /** Of what a loss that is a model takes beside the outputs. */
  async #lossSizesOf(batch: readonly Example[]): Promise<Sizes> {
    const { objective } = this.#options;
    if (objective.kind !== 'graph' || !('proto' in objective.terms)) return {};
    const targets = await objective.targets(batch);
    const taken = new Set(this.#outputs);
    const further = requiredInputs(objective.terms).filter(({ name }) => !taken.has(name));
    return Object.fromEntries(further.map(({ name }, index) => [name, (targets[index] as Value).dims]));
  }

  #sizesOf(batch: readonly Example[]): Sizes {
    const inputs = joinInputs(batch, this.#shared);
    return Object.fromEntries(Object.entries(inputs).map(([name, { dims }]) => [name, dims]));
  }
}

function named({ targets }: GradientModel, values: readonly Value[]): Values {
  return Object.fromEntries(targets.map((name, index) => [name, values[index] as Value]));
}

function scalarOf(value: Value | undefined): number {
  return Number(value?.data[0] ?? Number.NaN);
}

function floats(value: Value | undefined): Float32Array {
  return (value?.data ?? new Float32Array()) as Float32Array;
}
