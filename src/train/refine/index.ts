/**
 * Takes back what a swap lost: γ and β of the new norms learn what the source answers, on unlabelled inputs.
 *
 * 1. A model with many answers to an input (a detector, a segmenter) learns what its last layers give: thousands of numbers a picture.
 * 2. A model with one answer to an input learns what the source has at each norm: its answers are too few to learn from, and learning them
 *    did harm (docs/refine.md). It also learns from inputs that are made from the given ones.
 */
import { withOutputs } from '../../graph/extract.ts';
import { batchOf, loadSamples } from '../../inputs/batch.ts';
import type { Dataset } from '../../inputs/dataset.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { Random } from '../../inputs/random.ts';
import { samplesByKey } from '../../inputs/runs.ts';
import { type Model, withGraph } from '../../onnx/model.ts';
import { keepSession, type Session, type Values, withSession } from '../../runtime/session.ts';
import { seedOf } from '../batches.ts';
import { beforeSelection } from '../detect/cut.ts';
import { knownTo } from '../judge.ts';
import { rateAt } from '../schedule.ts';
import { escaped, Trainer } from '../trainer.ts';
import { type Compared, headValues } from './head.ts';
import { isVariable, madeFrom } from './made-inputs.ts';
import { leastLoss, objectiveFor, type Pair, termsFor } from './objective.ts';

/** The two models, in float32, and what is trained. */
export interface RefineModels {
  readonly source: Model;
  readonly rewritten: Model;
  /** Names of the tensors that hold γ and β in the rewritten model. */
  readonly parameters: readonly string[];
  /** Outputs of the norms, which both models name alike. */
  readonly norms: readonly string[];
}

export interface RefineOptions {
  readonly data: Dataset;
  /** Samples to learn from, and those to measure the distance on. */
  readonly train: readonly number[];
  readonly held: readonly number[];
  readonly steps: number;
  readonly rate: number;
  readonly seed: number;
  onProgress?(step: string, done: number, of: number): void;
}

/** What came of it. */
export interface Refined {
  /** Numbers by the name of the tensor. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** From the source, on held-out inputs, as the loss measures it. */
  readonly distance: { readonly before: number; readonly after: number };
  /** The step whose numbers these are. */
  readonly best: number;
  /** What was learnt. */
  readonly on: 'outputs' | 'norms';
  /** Whether inputs were made from the given ones, too. */
  readonly madeInputs: boolean;
}

/** An output with at least so many answers to one input teaches enough by itself. */
const MANY = 16;
/** Samples that distances at the start are taken on. */
const LOOKED_AT = 8;
/** With fewer, held-out distances are noise, and all steps are taken. */
const ENOUGH_HELD = 8;
/** With fewer inputs to learn from, more are made of them. */
const ENOUGH_GIVEN = 16;
/** How often the held-out distance is taken. */
const LOOKS = 8;
/** Inputs that are made from those held out, to measure the distance on where they are few and one answer belongs to each. */
const MADE_HELD = 16;
/** Sessions are kept for so many sizes. */
const MOST_SIZES = 4;

/**
 * Refines γ and β. The models stay as they are.
 *
 * @returns undefined if both models answer alike already
 * @throws GnSwapError `unsupported-model` naming a node without a gradient between a norm and what is learnt
 */
export async function refine(models: RefineModels, options: RefineOptions): Promise<Refined | undefined> {
  const { source, rewritten } = models;
  const outputs = beforeSelection(source)?.outputs ?? source.proto.graph.output.map(({ name }) => name);
  const head = headValues(only(source, outputs), new Set(models.norms));
  const train = commonSizes(options.data, options.train);
  const examples = await examplesOf(rewritten, options.data, train.slice(0, LOOKED_AT));
  const pairs = await pairsOf(source, rewritten, head, examples);
  const isDense = head.some(({ value }) => answersIn(pairs[0]?.source[value]?.dims ?? []) >= MANY);
  const norms = models.norms.map((value): Compared => ({ value, loss: 'mse' }));
  const terms = isDense ? termsFor(head, pairs) : termsFor(norms, await pairsOf(source, rewritten, norms, examples));
  if (terms === undefined) return undefined;
  const names = terms.map(({ output }) => output);
  const teacher = await keepSession(only(source, names));
  let trainer: Trainer | undefined;
  try {
    const objective = objectiveFor(terms, teacher.session);
    trainer = await Trainer.open(only(rewritten, names), objective, examples[0] as Example, {
      wrt: [`^(?:${models.parameters.map(escaped).join('|')})$`],
      weightDecay: 0,
    });
    const isMade = (!isDense || train.length < ENOUGH_GIVEN) && isVariable(await options.data.load(train[0] as number));
    const learnt = await learn(trainer, objective, rewritten, { ...options, train }, { isMade, isDense });
    return { ...learnt, on: isDense ? 'outputs' : 'norms', madeInputs: isMade };
  } finally {
    await trainer?.close();
    await teacher.close();
  }
}

async function learn(
  trainer: Trainer,
  objective: ReturnType<typeof objectiveFor>,
  model: Model,
  { data, train, held, steps, rate, seed, onProgress }: RefineOptions,
  { isMade, isDense }: { readonly isMade: boolean; readonly isDense: boolean },
): Promise<Pick<Refined, 'parameters' | 'distance' | 'best'>> {
  const judges = isDense ? await examplesOf(model, data, held) : await judgesOf(model, data, held, seed);
  let least = 0;
  for (const it of judges) least += leastLoss(objective.terms, await objective.targets([it]));
  const distance = async () => {
    let sum = -least;
    for (const it of judges) sum += (await trainer.answer([it])).loss;
    return sum / judges.length;
  };
  // Made inputs stand for the given ones, which come every other time.
  const made = isMade ? madeFrom(data, train, steps, seedOf(seed, 1)) : undefined;
  const size = batchOf(model).size ?? 1;
  const before = await distance();
  const stopsEarly = held.length >= ENOUGH_HELD;
  let best = { theta: trainer.parametersNow(), loss: before, step: 0 };
  const every = Math.max(1, Math.ceil(steps / LOOKS));
  for (let step = 1; step <= steps; step++) {
    onProgress?.('refine', step - 1, steps);
    const isOwn = made === undefined || step % 2 === 0;
    const chosen = isOwn ? turn(train, step, size, seed) : Array.from({ length: size }, () => step - 1);
    const example = await exampleOf(model, isOwn ? data : made, chosen);
    const { loss } = await trainer.step([[example]], rateAt(step, steps, rate));
    if (Number.isNaN(loss)) break;
    if (step < steps && !(stopsEarly && step % every === 0)) continue;
    const now = await distance();
    if (now < best.loss || (!stopsEarly && Number.isFinite(now))) {
      best = { theta: trainer.parametersNow(), loss: now, step };
    }
  }
  const parameters = new Map(
    trainer.layout.parts.map(({ name, offset, dims }) => {
      const length = dims.reduce((product, dim) => product * dim, 1);
      return [name, best.theta.slice(offset, offset + length)] as const;
    }),
  );
  return { parameters, distance: { before, after: best.loss }, best: best.step };
}

/** Held-out inputs, and inputs made from them where they are few. */
async function judgesOf(model: Model, data: Dataset, held: readonly number[], seed: number): Promise<Example[]> {
  const given = await examplesOf(model, data, held);
  const [first] = held;
  if (first === undefined || held.length >= ENOUGH_HELD || !isVariable(await data.load(first))) return given;
  const made = madeFrom(data, held, MADE_HELD, seedOf(seed, 2));
  return [
    ...given,
    ...(await examplesOf(
      model,
      made,
      Array.from({ length: MADE_HELD }, (_, index) => index),
    )),
  ];
}

/** The samples of a step: each comes once in a pass, in an order of its own for each pass; a batch is of one shape. */
function turn(train: readonly number[], step: number, size: number, seed: number): number[] {
  const pass = Math.floor((step - 1) / train.length);
  const order = new Random(seedOf(seed, 0, pass)).shuffle([...train]);
  const first = order[(step - 1) % train.length] as number;
  return Array.from({ length: size }, () => first);
}

function examplesOf(model: Model, data: Dataset, samples: readonly number[]): Promise<Example[]> {
  const size = batchOf(model).size ?? 1;
  return Promise.all(
    samples.map((it) =>
      exampleOf(
        model,
        data,
        Array.from({ length: size }, () => it),
      ),
    ),
  );
}

async function exampleOf(model: Model, data: Dataset, samples: readonly number[]): Promise<Example> {
  return { inputs: await loadSamples(model, data, samples), target: { kind: 'none' } };
}

/** The samples of the few most common sizes, as each size needs sessions of its own. */
function commonSizes(data: Dataset, samples: readonly number[]): number[] {
  return [...samplesByKey(data, samples).values()]
    .toSorted((a, b) => b.length - a.length)
    .slice(0, MOST_SIZES)
    .flat()
    .toSorted((a, b) => a - b);
}

async function pairsOf(
  source: Model,
  rewritten: Model,
  compared: readonly Compared[],
  examples: readonly Example[],
): Promise<Pair[]> {
  const names = compared.map(({ value }) => value);
  const [before, after] = [
    await answers(only(source, names), examples),
    await answers(only(rewritten, names), examples),
  ];
  return before.map((it, index) => ({ source: it, rewritten: after[index] as Values }));
}

function answers(model: Model, examples: readonly Example[]): Promise<Values[]> {
  return withSession(model, async (session: Session) => {
    const all: Values[] = [];
    for (const { inputs } of examples) {
      all.push(await session.run(knownTo(session, inputs)));
    }
    return all;
  });
}

/** The model with some of its values as its only outputs. */
function only(model: Model, names: readonly string[]): Model {
  const { graph } = withOutputs(model, names).proto;
  const byName = new Map(graph.output.map((it) => [it.name, it]));
  return withGraph(model, { ...graph, output: names.flatMap((name) => byName.get(name) ?? []) });
}

/** How many answers an output gives to one input, if the longest axis holds what one answer is made of. */
function answersIn(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1) / Math.max(1, ...dims);
}
