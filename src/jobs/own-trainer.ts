/** A trainer for a loop of one's own: samples as plain values, a loss by name or as a function. */
import { GnSwapError } from '../errors.ts';
import type { LossTerm } from '../gradient/join.ts';
import type { LossName } from '../gradient/losses.ts';
import type { Example } from '../inputs/labelled/types.ts';
import type { Model } from '../onnx/model.ts';
import type { Value, Values } from '../runtime/session.ts';
import { stack } from '../train/feed.ts';
import { type Stepped, Trainer, type TrainerOptions, type TrainerState } from '../train/trainer.ts';
import type { HostLoss, Objective } from '../train/types.ts';

/** One sample: inputs as the model takes them at a batch of 1, and what the loss is told of it, by name. */
export interface OwnSample {
  readonly inputs: Values;
  /** For a loss by name: the target, with a batch of 1, under `target`, or under `target/OUTPUT` of a sum. For a function: anything. */
  readonly targets?: Values | undefined;
}

/** A loss outside the graph: the outputs of some samples → the loss, and its gradient by the outputs that it depends on. */
export type LossFunction = (outputs: Values, samples: readonly OwnSample[]) => HostLoss | Promise<HostLoss>;

/** What `trainer` is told. */
export interface OwnTrainerOptions extends TrainerOptions {
  /** A sample of the shape that most have. */
  readonly sample: OwnSample;
  /** By name, for one output; as a weighted sum; or a function. */
  readonly loss: LossName | readonly LossTerm[] | LossFunction;
  /** The output that a loss by name is of; the first output if it is absent. */
  readonly lossOf?: string | undefined;
}

/** Trains parameters of a model step by step. The model stays as it is; {@link model} gives one with the parameters of the moment. */
export class OwnTrainer {
  readonly #trainer: Trainer;

  private constructor(trainer: Trainer) {
    this.#trainer = trainer;
  }

  /** @throws GnSwapError `unsupported-model` if what is trained can't be differentiated */
  static async open(model: Model, options: OwnTrainerOptions): Promise<OwnTrainer> {
    const objective = objectiveOf(model, options);
    return new OwnTrainer(await Trainer.open(model, objective, exampleOf(options.sample), options));
  }

  /** Moves the parameters by one step over samples of one shape, and tells the loss before it. NaN: the step was not taken. */
  step(samples: readonly OwnSample[], rate: number): Promise<Stepped> {
    return this.#trainer.step([samples.map(exampleOf)], rate);
  }

  /** Runs samples of one shape through the model as it is now. */
  async run(samples: readonly OwnSample[]): Promise<Values> {
    return (await this.#trainer.answer(samples.map(exampleOf))).outputs;
  }

  /** The model with the parameters of the moment: the same graph, names and opset. */
  model(): Model {
    return this.#trainer.model();
  }

  /** All that is needed to go on later, a copy. */
  state(): TrainerState {
    return this.#trainer.state();
  }

  /** Goes on from a state. @throws GnSwapError `invalid-arguments` if it is that of another trainer */
  restore(state: TrainerState): void {
    this.#trainer.restore(state);
  }

  /** Frees the sessions. */
  close(): Promise<void> {
    return this.#trainer.close();
  }
}

/** What the caller gave is kept beside the example that it became. */
const GIVEN = new WeakMap<Example, OwnSample>();

function exampleOf(sample: OwnSample): Example {
  const example: Example = { inputs: sample.inputs, target: { kind: 'values', values: sample.targets ?? {} } };
  GIVEN.set(example, sample);
  return example;
}

function objectiveOf(model: Model, { loss, lossOf }: OwnTrainerOptions): Objective {
  if (typeof loss === 'function') {
    const given = (batch: readonly Example[]) => batch.map((example) => GIVEN.get(example) as OwnSample);
    return { kind: 'host', lossOf: (outputs, batch) => loss(outputs, given(batch)) };
  }
  const [first] = model.proto.graph.output;
  const terms = typeof loss === 'string' ? [{ output: lossOf ?? first?.name ?? '', loss, weight: 1 }] : loss;
  const nameOf = ({ output }: LossTerm) => (typeof loss === 'string' ? 'target' : `target/${output}`);
  return {
    kind: 'graph',
    terms,
    targets: (batch) => terms.map((term) => stack(batch.map((example) => targetOf(example, nameOf(term))))),
  };
}

function targetOf({ target }: Example, name: string): Value {
  const value = target.kind === 'values' ? target.values[name] : undefined;
  if (value !== undefined) return value;
  throw new GnSwapError('invalid-arguments', `a sample has no ${JSON.stringify(name)} among its targets`, {
    remedy: 'Give each sample the targets of its loss',
  });
}
