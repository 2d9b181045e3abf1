/**
 * Numbers: mean squared error, each output in units of the variance of its targets, so that none drowns the others; the variance
 * explained, 1 − Σ(y−ŷ)²/Σ(y−ȳ)², over all numbers of all outputs.
 */
import { GnSwapError } from '../../errors.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { isFloat } from '../../onnx/data-type.ts';
import { numbersOf, type Value, type Values } from '../../runtime/session.ts';
import { stack } from '../feed.ts';
import type { Scorer, TrainTask } from '../types.ts';

export const regress: TrainTask = {
  name: 'regress',
  async prepare({ outputs, examples: load, losses, lossOf }) {
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
    const terms = trained.map((output) => {
      const variance = varianceOf(
        examples.flatMap((it) => [
          ...(numbersOf(valuesOf(it)[output] as Value) as Iterable<number> & ArrayLike<number>),
        ]),
      );
      return { output, loss, weight: variance > 0 ? 1 / variance ** power : 1 };
    });
    return {
      measure: 'variance explained',
      objective: {
        kind: 'graph',
        terms,
        targets: (batch) => trained.map((name) => stack(batch.map((it) => valuesOf(it)[name] as Value))),
      },
      scorer: () => new VarianceScorer(trained),
    };
  },
};

function valuesOf(example: Example | undefined): Values {
  if (example?.target.kind === 'values') return example.target.values;
  throw new GnSwapError('invalid-data', 'a sample has no numbers to learn', { remedy: 'Give another --task' });
}

function varianceOf(numbers: readonly number[]): number {
  const mean = numbers.reduce((sum, it) => sum + it, 0) / numbers.length;
  return numbers.reduce((sum, it) => sum + (it - mean) ** 2, 0) / numbers.length;
}

interface Sums {
  /** Numbers are taken from the first one, so that a large mean loses no digits. */
  readonly origin: number;
  count: number;
  sum: number;
  squares: number;
  error: number;
}

class VarianceScorer implements Scorer {
  readonly #outputs: readonly string[];
  readonly #sums = new Map<string, Sums>();

  constructor(outputs: readonly string[]) {
    this.#outputs = outputs;
  }

  add(outputs: Values, batch: readonly Example[]): void {
    for (const name of this.#outputs) {
      const answered = numbersOf(outputs[name] as Value) ?? [];
      const right = numbersOf(stack(batch.map((it) => valuesOf(it)[name] as Value))) ?? [];
      const sums = this.#sums.get(name) ?? { origin: right[0] ?? 0, count: 0, sum: 0, squares: 0, error: 0 };
      this.#sums.set(name, sums);
      for (let i = 0; i < right.length; i++) {
        const from = (right[i] as number) - sums.origin;
        sums.count++;
        sums.sum += from;
        sums.squares += from * from;
        sums.error += ((right[i] as number) - (answered[i] as number)) ** 2;
      }
    }
  }

  result() {
    const shares = [...this.#sums].flatMap(([name, { count, sum, squares, error }]) => {
      const variance = squares - (sum * sum) / count;
      return variance > 0 ? [[name, 1 - error / variance] as const] : [];
    });
    const value = shares.length === 0 ? undefined : shares.reduce((sum, [, it]) => sum + it, 0) / shares.length;
    return {
      value,
      detail:
        shares.length === 0
          ? 'the targets do not vary'
          : shares.map(([name, it]) => `${name} ${it.toFixed(3)}`).join(', '),
      figures: Object.fromEntries(shares),
    };
  }
}
