/**
 * A loss of one's own, as a model: its inputs that are named like outputs of the trained model are these outputs, the others are targets.
 * The measure is the fall of the loss: 1 − loss ÷ loss before training, so 0 means that nothing was learnt, and 1 that the loss is gone.
 */
import { GnSwapError } from '../../errors.ts';
import { requiredInputs } from '../../graph/interface.ts';
import { fitInputs } from '../../inputs/feed.ts';
import { ignoredLabel, wantedInputs } from '../../inputs/labelled/own/names.ts';
import { lossTargets } from '../../inputs/labelled/own/targets.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import type { Model } from '../../onnx/model.ts';
import { keepSession, numbersIn, type Session, type Value, type Values, withSession } from '../../runtime/session.ts';
import type { Variations } from '../augment/index.ts';
import { sampleOf, stack } from '../feed.ts';
import { knownTo } from '../judge.ts';
import type { Scorer, TrainTask } from '../types.ts';
import { labelReader } from './own-labels.ts';

export const own: TrainTask = {
  name: 'own',
  async prepare({ model, lossModel, examples, outputs, data }) {
    if (lossModel === undefined) {
      throw new GnSwapError('invalid-arguments', 'a loss of your own is to be learnt, and none is given', {
        node: '--loss',
        remedy: 'Give a model that computes it: --loss FILE.onnx',
      });
    }
    const targets = lossTargets(lossModel, model);
    const taken = outputs.filter(({ name }) => lossModel.proto.graph.input.some((input) => input.name === name));
    const first = await data.load(0);
    const read = labelReader(targets, taken, first, data.classes ?? []);
    const valuesOf = (example: Example) => (example.target.kind === 'values' ? example.target.values : {});
    const targetsFor = (batch: readonly Example[]): Values => {
      const values = batch.map(read ?? valuesOf);
      const wanted = requiredInputs(targets).filter(({ name }) => values.every((it) => it[name] !== undefined));
      const joined = wanted.map(({ name }) => [name, stack(values.map((it) => it[name] as Value))] as const);
      return fitInputs(targets, Object.fromEntries(joined));
    };
    const loss = await keepSession(lossModel);
    const lossOf = async (outputs: Values, example: Example) => {
      const results = await loss.session.run(knownTo(loss.session, { ...outputs, ...targetsFor([example]) }));
      const [value] = Object.values(results);
      return Number(numbersIn(value)[0] ?? Number.NaN);
    };
    try {
      const before = await withSession(model, async (session) => meanLoss(session, await examples(), lossOf));
      return {
        measure: 'fall of the loss',
        variations: variationsOf(first, targets),
        objective: { kind: 'graph', terms: lossModel, targets: (batch) => Object.values(targetsFor(batch)) },
        scorer: () => new LossScorer(lossOf, before),
        close: loss.close,
      };
    } catch (error) {
      await loss.close();
      throw error;
    }
  },
};

/** Arrays that come by name may be maps or places, so they only bear a change of colours, and nobody knows if even that is harmless. */
function variationsOf({ target }: Example, targets: Model): Variations {
  if (target.kind === 'class') return { usual: ['crop', 'colour'], possible: ['flip', 'crop', 'rotate', 'colour'] };
  if (target.kind === 'none') return { usual: [], possible: ['flip', 'crop', 'rotate', 'colour'] };
  if (target.kind !== 'map') {
    return {
      usual: [],
      possible: ['colour'],
      reason: 'moves pixels, and the arrays of the loss would stay as they are',
    };
  }
  const isFree = wantedInputs(targets)[0]?.isFloat === true || ignoredLabel(targets) !== undefined;
  if (isFree) return { usual: ['flip', 'crop', 'colour'], possible: ['flip', 'crop', 'rotate', 'colour'] };
  const reason = 'leaves pixels without a label, and the loss has no ignore_index';
  return { usual: ['flip', 'colour'], possible: ['flip', 'colour'], reason };
}

type LossOf = (outputs: Values, example: Example) => Promise<number>;

async function meanLoss(session: Session, examples: readonly Example[], lossOf: LossOf): Promise<number> {
  let sum = 0;
  for (const example of examples) sum += await lossOf(await session.run(knownTo(session, example.inputs)), example);
  return sum / examples.length;
}

/** The mean loss, against the one before training. */
class LossScorer implements Scorer {
  readonly #lossOf: LossOf;
  readonly #before: number;
  readonly #losses: number[] = [];

  constructor(lossOf: LossOf, before: number) {
    this.#lossOf = lossOf;
    this.#before = before;
  }

  async add(outputs: Values, batch: readonly Example[]): Promise<void> {
    for (const [index, example] of batch.entries()) {
      this.#losses.push(await this.#lossOf(sampleOf(outputs, index, batch.length), example));
    }
  }

  result() {
    const loss = this.#mean();
    if (loss === undefined) return { value: undefined, detail: 'there were no samples', figures: {} };
    return { value: this.#fall(loss), detail: `mean loss ${loss.toPrecision(4)}`, figures: { loss } };
  }

  weighted(weights: ArrayLike<number>): number | undefined {
    const loss = this.#mean(weights);
    return loss === undefined ? undefined : this.#fall(loss);
  }

  /** A loss may be below 0, as the logarithm of a density is; a fall is positive there, too. */
  #fall(loss: number): number {
    return (this.#before - loss) / (Math.abs(this.#before) || 1);
  }

  #mean(weights?: ArrayLike<number>): number | undefined {
    let [sum, count] = [0, 0];
    for (const [index, loss] of this.#losses.entries()) {
      const weight = weights?.[index] ?? 1;
      sum += weight * loss;
      count += weight;
    }
    return count > 0 ? sum / count : undefined;
  }
}
