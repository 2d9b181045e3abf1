/**
 * Runs gradients: a session for each shape of the inputs, as gradient models are made for fixed sizes.
 *
 * Parameters are fed with every run, so a step changes no session. A loss outside the graph needs a run forward first, whose outputs it
 * turns into what the run backward takes.
 */
import { GnSwapError } from '../errors.ts';
import type { Choice } from '../gradient/choose.ts';
import type { Flat } from '../gradient/flat.ts';
import { type GradientModel, gradientOf } from '../gradient/index.ts';
import { needed } from '../gradient/walk.ts';
import { batchOf } from '../inputs/batch.ts';
import type { Example } from '../inputs/labelled/types.ts';
import { DataType } from '../onnx/data-type.ts';
import { type Model, withGraph } from '../onnx/model.ts';
import { keepSession, numbersOf, type OpenSession, type Value, type Values, withSession } from '../runtime/session.ts';
import { joinInputs } from './feed.ts';
import type { Objective } from './types.ts';

/** What a run of some examples gave. */
export interface Answered {
  readonly loss: number;
  readonly outputs: Values;
}

/** The gradient of the mean loss of some examples. */
export interface Gradient {
  readonly loss: number;
  /** In the order of the parameters. */
  readonly gradient: Float32Array;
  /** Of the run, before the step; absent if nobody asked for them. */
  readonly outputs?: Values | undefined;
}

interface Sized {
  readonly made: GradientModel;
  readonly backward: OpenSession;
  forward: OpenSession | undefined;
}

/** Sessions that are kept: more shapes than these take turns. */
const MOST_SIZES = 4;

export interface EngineOptions {
  /** Which parameters to train, as `--wrt` has it. */
  readonly wrt: readonly string[];
  readonly objective: Objective;
}

/** Gradients of one model at any of its sizes. */
export class Engine {
  readonly #model: Model;
  readonly #options: EngineOptions;
  readonly #outputs: readonly string[];
  /** Inputs that are the same for all samples of a batch. */
  readonly #shared: ReadonlySet<string>;
  readonly #sizes = new Map<string, Promise<Sized>>();
  #layout: Flat | undefined;
  #parameters: readonly Choice[] = [];
  #first = new Float32Array();
  #notes: readonly string[] = [];

  private constructor(model: Model, options: EngineOptions) {
    this.#model = model;
    this.#options = options;
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
    const { made } = await engine.#at([example]);
    const { layout } = made;
    if (layout === undefined || layout.type.type !== DataType.FLOAT) {
      throw new GnSwapError('unsupported-model', 'its parameters are not float32, and training needs float32', {
        remedy: 'Convert the model to float32 first, train it, and convert the result back',
      });
    }
    engine.#layout = layout;
    engine.#parameters = made.parameters;
    engine.#notes = made.notes;
    const values = await withSession(made.init, (session) => session.run({}));
    engine.#first = Float32Array.from(numbersOf(values[layout.name] as Value) ?? []);
    return engine;
  }

  /** Where each parameter lies in the vector. */
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

  /** Computes the mean loss of a batch of equal shapes and its gradient; and the outputs, if `seen` says so. */
  async gradient(theta: Float32Array, batch: readonly Example[], seen = false): Promise<Gradient> {
    const { made, backward } = await this.#at(batch);
    const { objective } = this.#options;
    const name = made.gradients.get(this.layout.name) as string;
    const feeds = { ...joinInputs(batch, this.#shared), [this.layout.name]: this.#theta(theta) };
    if (objective.kind === 'graph') {
      const loss = made.loss as string;
      const wanted = [loss, name, ...(seen ? this.#outputs : [])];
      const results = await backward.session.run({ ...feeds, ...(await this.#targets(made, batch)) }, wanted);
      return { loss: scalarOf(results[loss]), gradient: floats(results[name]), outputs: seen ? results : undefined };
    }
    const forward = await this.#forward(batch);
    const outputs = await forward.session.run(feeds);
    const { loss, gradients } = await objective.lossOf(outputs, batch);
    const seeds = [...made.seeds].map(([output, seed]) => {
      const value = outputs[output] as Value;
      return [seed, gradients[output] ?? { ...value, data: new Float32Array(value.data.length) }] as const;
    });
    const results = await backward.session.run({ ...feeds, ...Object.fromEntries(seeds) }, [name]);
    return { loss, gradient: floats(results[name]), outputs };
  }

  /** Runs a batch of equal shapes forward. */
  async answer(theta: Float32Array, batch: readonly Example[]): Promise<Answered> {
    const { made } = await this.#at(batch);
    const { objective } = this.#options;
    const { session } = await this.#forward(batch);
    const feeds = { ...joinInputs(batch, this.#shared), [this.layout.name]: this.#theta(theta) };
    if (objective.kind === 'host') {
      const outputs = await session.run(feeds);
      return { outputs, loss: (await objective.lossOf(outputs, batch)).loss };
    }
    const outputs = await session.run({ ...feeds, ...(await this.#targets(made, batch)) });
    return { outputs, loss: scalarOf(outputs[made.loss as string]) };
  }

  async close(): Promise<void> {
    const open = await Promise.all([...this.#sizes.values()].map((it) => it.catch(() => undefined)));
    this.#sizes.clear();
    for (const sized of open) await closeSized(sized);
  }

  #theta(data: Float32Array): Value {
    return { type: DataType.FLOAT, dims: [data.length], data };
  }

  async #targets(made: GradientModel, batch: readonly Example[]): Promise<Values> {
    const { objective } = this.#options;
    if (objective.kind !== 'graph') return {};
    const targets = await objective.targets(batch);
    return Object.fromEntries(made.targets.map((name, index) => [name, targets[index] as Value]));
  }

  async #at(batch: readonly Example[]): Promise<Sized> {
    const inputs = joinInputs(batch, this.#shared);
    const sizes = Object.fromEntries(Object.entries(inputs).map(([name, { dims }]) => [name, dims]));
    const key = JSON.stringify(sizes);
    const known = this.#sizes.get(key);
    if (known !== undefined) {
      // The one that was used last is the last to go.
      this.#sizes.delete(key);
      this.#sizes.set(key, known);
      return known;
    }
    const opening = this.#open(sizes);
    this.#sizes.set(key, opening);
    const [oldest] = this.#sizes.keys();
    if (this.#sizes.size > MOST_SIZES && oldest !== undefined) {
      const old = await this.#sizes.get(oldest);
      this.#sizes.delete(oldest);
      await closeSized(old);
    }
    return opening;
  }

  async #open(sizes: Readonly<Record<string, readonly number[]>>): Promise<Sized> {
    const { wrt, objective } = this.#options;
    const loss = objective.kind === 'graph' ? objective.terms : 'none';
    const made = await gradientOf(this.#model, { wrt, loss, sizes, flat: true });
    if (
      this.#layout !== undefined &&
      made.layout?.parts.some((part, index) => part.name !== this.#layout?.parts[index]?.name)
    ) {
      throw new GnSwapError(
        'unsupported-model',
        'which parameters the loss depends on changes with the size of the input',
        {
          remedy: 'Train at one size: --size HEIGHT,WIDTH',
        },
      );
    }
    return { made, backward: await keepSession(made.model), forward: undefined };
  }

  async #forward(batch: readonly Example[]): Promise<OpenSession> {
    const sized = await this.#at(batch);
    const { made } = sized;
    sized.forward ??= await keepSession(
      forwardOf(made.model, [...this.#outputs, ...(made.loss === undefined ? [] : [made.loss])]),
    );
    return sized.forward;
  }
}

async function closeSized(sized: Sized | undefined): Promise<void> {
  await sized?.forward?.close();
  await sized?.backward.close();
}

/** The part of a gradient model that some of its outputs need. */
function forwardOf(model: Model, outputs: readonly string[]): Model {
  const { graph } = model.proto;
  const node = needed(graph.node, new Set(outputs));
  const read = new Set([...node.flatMap(({ input }) => input), ...outputs]);
  return withGraph(model, {
    ...graph,
    node,
    initializer: graph.initializer.filter(({ name }) => read.has(name)),
    input: graph.input.filter(({ name }) => read.has(name)),
    output: graph.output.filter(({ name }) => outputs.includes(name)),
  });
}

function scalarOf(value: Value | undefined): number {
  return Number(value?.data[0] ?? Number.NaN);
}

function floats(value: Value | undefined): Float32Array {
  return (value?.data ?? new Float32Array()) as Float32Array;
}
