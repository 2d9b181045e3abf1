/**
 * Numbers: mean squared error, each output in units of the variance of its targets, so that none drowns the others; the variance
 * explained, 1 − Σ(y−ŷ)²/Σ(y−ȳ)², over all numbers of all outputs. What is learnt by binary cross-entropy are chances, so a file that answers values
 * before a Sigmoid is measured by the Sigmoid of them.
 */
import { GnSwapError } from '../../errors.ts';
import { filled } from '../../filled.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { isFloat } from '../../onnx/data-type.ts';
import { numbersIn, type Value, type Values } from '../../runtime/session.ts';
import type { Variations } from '../augment/index.ts';
import { sampleOf, stack } from '../feed.ts';
import type { Scorer, TrainTask } from '../types.ts';
import { varianceOf } from './variance.ts';

export const regress: TrainTask = {
  name: 'regress',
  async prepare({ outputs, examples: load, losses, lossOf, evidence }) {
    const examples = await load();
    const named = Object.keys(valuesOf(examples[0]));
    const trained = named.filter((name) => lossOf === undefined || name === lossOf);
    for (const name of named) {
      const output = outputs.find((it) => it.name === name);
      if (output === undefined || !isFloat(output.type)) {
        const list = outputs.map((it) => it.name).join(', ');
        throw new GnSwapError('invalid-data', `the targets name ${JSON.stringify(name)}, and the outputs are ${list}`, {
          remedy: `Name the targets after outputs, as in target/${outputs[0]?.name}`,
        });
      }
    }
    const loss = losses?.[0] ?? 'mse';
    const power = loss === 'l1' ? 0.5 : 1;
    const distances = trained.map((output) => {
      const variance = varianceOf(examples.map((it) => valuesOf(it)[output]));
      return { output, unit: variance > 0 ? Math.sqrt(variance) : 1 };
    });
    const terms = distances.map(({ output, unit }) => ({ output, loss, weight: 1 / unit ** (2 * power) }));
    const squashed = new Set(loss === 'bce' ? trained.filter((name) => evidence.made(name, 1) !== 'sigmoid') : []);
    const answered: Answered = (outputs, name) => {
      const numbers = numbersIn(outputs[name]);
      return squashed.has(name)
        ? filled(new Float64Array(numbers.length), (at) => 1 / (1 + Math.exp(-(numbers[at] as number))))
        : numbers;
    };
    return {
      measure: 'variance explained',
      variations: variationsOf(Object.values(valuesOf(examples[0]))),
      scoresSteps: true,
      ...(['mse', 'l1', 'huber'].includes(loss) ? { distances } : {}),
      answerOf: (outputs) => ({
        kind: 'values',
        values: Object.fromEntries(trained.map((name) => [name, Array.from(answered(outputs, name))])),
      }),
      objective: {
        kind: 'graph',
        terms,
        targets: (batch) => trained.map((name) => stack(batch.map((it) => valuesOf(it)[name] as Value))),
      },
      scorer: () => new VarianceScorer(trained, answered),
    };
  },
};

function valuesOf(example: Example | undefined): Values {
  if (example?.target.kind === 'values') return example.target.values;
  throw new GnSwapError('invalid-data', 'a sample has no numbers to learn', { remedy: 'Give another --task' });
}

/** Numbers may be places, sizes or colours, so nothing is usual. Maps would have to follow pixels. */
function variationsOf(targets: readonly Value[]): Variations {
  const areMaps = targets.some(({ dims }) => dims.filter((dim) => dim !== 1).length > 1);
  if (!areMaps) return { usual: [], possible: ['flip', 'crop', 'rotate', 'colour'] };
  return { usual: [], possible: ['colour'], reason: 'moves pixels, and the targets would stay as they are' };
}

/** The numbers of an output as they are measured. */
type Answered = (outputs: Values, name: string) => ArrayLike<number>;

interface Sums {
  count: number;
  sum: number;
  squares: number;
  error: number;
}

class VarianceScorer implements Scorer {
  readonly #outputs: readonly string[];
  readonly #answered: Answered;
  /** Numbers are taken from the first one, so that a large mean loses no digits. */
  readonly #origins = new Map<string, number>();
  /** Of each sample, by output. */
  readonly #samples: ReadonlyMap<string, Sums>[] = [];

  constructor(outputs: readonly string[], answered: Answered) {
    this.#outputs = outputs;
    this.#answered = answered;
  }

  add(outputs: Values, batch: readonly Example[]): void {
    for (const index of batch.keys()) {
      const own = new Map<string, Sums>();
      for (const name of this.#outputs) {
        const answered = this.#answered(sampleOf(outputs, index, batch.length), name);
        const right = numbersIn(valuesOf(batch[index])[name]);
        const origin = this.#origins.get(name) ?? right[0] ?? 0;
        this.#origins.set(name, origin);
        const sums: Sums = { count: right.length, sum: 0, squares: 0, error: 0 };
        for (let i = 0; i < right.length; i++) {
          const from = (right[i] as number) - origin;
          sums.sum += from;
          sums.squares += from * from;
          sums.error += ((right[i] as number) - (answered[i] as number)) ** 2;
        }
        own.set(name, sums);
      }
      this.#samples.push(own);
    }
  }

  result() {
    const shares = this.#shares();
    return {
      value: meanOf(shares),
      detail:
        shares.length === 0
          ? 'the targets do not vary'
          : shares.map(([name, it]) => `${name} ${it.toFixed(3)}`).join(', '),
      figures: Object.fromEntries(shares),
    };
  }

  weighted(weights: ArrayLike<number>): number | undefined {
    return meanOf(this.#shares(weights));
  }

  /** The variance explained of each output whose targets vary. */
  #shares(weights?: ArrayLike<number>): (readonly [name: string, share: number])[] {
    return this.#outputs.flatMap((name) => {
      const total: Sums = { count: 0, sum: 0, squares: 0, error: 0 };
      for (const [index, sample] of this.#samples.entries()) {
        const own = sample.get(name);
        const weight = weights?.[index] ?? 1;
        if (own === undefined) continue;
        for (const key of ['count', 'sum', 'squares', 'error'] as const) total[key] += weight * own[key];
      }
      const variance = total.squares - total.sum ** 2 / total.count;
      return variance > 0 ? [[name, 1 - total.error / variance] as const] : [];
    });
  }
}

function meanOf(shares: readonly (readonly [string, number])[]): number | undefined {
  return shares.length === 0 ? undefined : shares.reduce((sum, [, it]) => sum + it, 0) / shares.length;
}
