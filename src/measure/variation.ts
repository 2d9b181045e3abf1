/** Whether a model's answers vary from input to input. If they hardly do, the inputs are not what the model was made for. */

import { takeSamples } from '../inputs/generated.ts';
import { isFloat } from '../onnx/data-type.ts';
import { numbersOf, type Value, type Values } from '../runtime/session.ts';

/** Relative to the answers themselves. */
const HARDLY = 0.02;
/** Numbers of one answer that are looked at: enough to tell, and few enough to keep. */
const MOST = 1 << 16;
/** With fewer inputs, that answers are alike may be chance. */
const FEWEST = 4;

/** Sums over the answers of one output, place by place. */
interface Sums {
  readonly dims: string;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
  count: number;
}

/** Gathers how the answers vary. Outputs whose shape differs from input to input vary. */
export class Variation {
  readonly #outputs = new Map<string, Sums | undefined>();

  /** @param count inputs that share the run; what has not so many rows is one answer to all of them */
  add(answers: Values, count: number): void {
    for (let index = 0; index < count; index++) {
      for (const [name, value] of Object.entries(takeSamples(answers, count, index, index + 1))) {
        if (index === 0 || value !== answers[name]) this.#add(name, value);
      }
    }
  }

  #add(name: string, value: Value): void {
    const numbers = isFloat(value.type) ? numbersOf(value) : undefined;
    if (numbers === undefined || numbers.length === 0) return;
    const dims = value.dims.join();
    const size = Math.min(MOST, numbers.length);
    if (!this.#outputs.has(name)) {
      this.#outputs.set(name, { dims, sum: new Float64Array(size), squares: new Float64Array(size), count: 0 });
    }
    const known = this.#outputs.get(name);
    if (known === undefined || known.dims !== dims) {
      this.#outputs.set(name, undefined);
      return;
    }
    known.count++;
    // Spread over the whole answer.
    const step = numbers.length / size;
    for (let i = 0; i < size; i++) {
      const number = numbers[Math.floor(i * step)] as number;
      known.sum[i] = (known.sum[i] as number) + number;
      known.squares[i] = (known.squares[i] as number) + number * number;
    }
  }

  /** The root mean square of what differs from the mean answer, relative to all of it, for the output where it is largest. */
  largest(): number | undefined {
    const shares = [...this.#outputs.values()].map((it) =>
      it === undefined || it.count < FEWEST ? undefined : shareOf(it),
    );
    return shares.length === 0 || shares.some((it) => it === undefined) ? undefined : Math.max(...(shares as number[]));
  }

  /** What to say of it. */
  doubts(): string[] {
    const share = this.largest();
    if (share === undefined || !(share < HARDLY)) return [];
    return [`the source’s outputs vary by only ${(100 * share).toPrecision(2)} % from input to input`];
  }
}

function shareOf({ sum, squares, count }: Sums): number {
  let [all, varying] = [0, 0];
  for (let i = 0; i < sum.length; i++) {
    all += squares[i] as number;
    varying += Math.max(0, (squares[i] as number) - (sum[i] as number) ** 2 / count);
  }
  return all > 0 ? Math.sqrt(varying / all) : 0;
}
