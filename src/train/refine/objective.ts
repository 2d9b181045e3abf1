/** What a refinement minimises: the distance from the source in values that both models have, each kind in units of its distance at the start. */
import type { LossTerm } from '../../gradient/join.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { isFloat } from '../../onnx/data-type.ts';
import { numbersOf, type Session, type Value, type Values } from '../../runtime/session.ts';
import { knownTo } from '../judge.ts';
import type { Objective } from '../types.ts';
import type { Compared } from './head.ts';

/** Answers of both models to the same input. */
export interface Pair {
  readonly source: Values;
  readonly rewritten: Values;
}

/** Below this distance there is nothing to take back: what another order of float32 operations changes. */
const NOTHING = 1e-9;
const SMALLEST = 1e-7;

/**
 * Weighs values. Within a kind, each value counts by how many numbers (or, for classes, rows) it has; kinds count alike, as neither
 * knows the other's unit.
 *
 * @returns undefined if the models do not differ
 */
export function termsFor(compared: readonly Compared[], pairs: readonly Pair[]): LossTerm[] | undefined {
  const measured = compared.map((it) => ({ ...it, ...distanceOf(it, pairs) })).filter(({ count }) => count > 0);
  const terms = (['bce', 'kl', 'mse'] as const).flatMap((kind) => {
    const own = measured.filter(({ loss }) => loss === kind);
    const total = own.reduce((sum, { count }) => sum + count, 0);
    const distance = own.reduce((sum, it) => sum + (it.count / total) * it.distance, 0);
    if (!(distance > NOTHING)) return [];
    return own.map(
      ({ value, unit, count }): LossTerm => ({ output: value, loss: kind, weight: count / (total * unit * distance) }),
    );
  });
  return terms.length === 0 ? undefined : terms;
}

/** @param answer of the source, with the values that are compared among its outputs */
export function objectiveFor(
  terms: readonly LossTerm[],
  answer: Session,
): Objective & { kind: 'graph'; terms: readonly LossTerm[] } {
  return {
    kind: 'graph',
    terms,
    async targets([first]: readonly Example[]) {
      const values = await answer.run(knownTo(answer, first?.inputs ?? {}));
      return terms.map(({ output }) => values[output] as Value);
    },
  };
}

/** The loss where both models answer alike: a cross-entropy is never less than what the source's own answers leave open. */
export function leastLoss(terms: readonly LossTerm[], targets: readonly Value[]): number {
  return terms.reduce((sum, { loss, weight }, index) => {
    const target = targets[index];
    const numbers = loss === 'bce' && target !== undefined ? numbersOf(target) : undefined;
    if (numbers === undefined || numbers.length === 0) return sum;
    let open = 0;
    for (let i = 0; i < numbers.length; i++)
      open += entropy(numbers[i] as number) + entropy(1 - (numbers[i] as number));
    return sum + (weight * open) / numbers.length;
  }, 0);
}

function entropy(share: number): number {
  return share <= 0 ? 0 : -share * Math.log(share);
}

interface Distance {
  /** Numbers, or rows of classes, of an input. */
  readonly count: number;
  /** Of one of them, in {@link unit}. */
  readonly distance: number;
  /** What the loss is divided by: the variance of the source's numbers. */
  readonly unit: number;
}

/** What a loss has beyond its least, which it reaches where both models answer alike. */
function distanceOf({ value, loss }: Compared, pairs: readonly Pair[]): Distance {
  let [count, sum, mean, squares, numbers] = [0, 0, 0, 0, 0];
  for (const { source, rewritten } of pairs) {
    const [given, other] = [source[value], rewritten[value]];
    const [t, p] = [given && numbersOf(given), other && numbersOf(other)];
    if (given === undefined || !isFloat(given.type) || t === undefined || t.length !== p?.length) {
      return { count: 0, distance: 0, unit: 1 };
    }
    for (let i = 0; i < t.length; i++) {
      const [a, b] = [t[i] as number, p[i] as number];
      if (loss === 'mse') {
        sum += (a - b) ** 2;
        // Welford's update, which a large mean costs no digits.
        const gap = a - mean;
        mean += gap / ++numbers;
        squares += gap * (a - mean);
      } else sum += loss === 'kl' ? relative(a, b) : relative(a, b) + relative(1 - a, 1 - b);
      // The classes of a row add up to 1.
      count += loss === 'kl' ? a : 1;
    }
  }
  const unit = loss === 'mse' ? squares / Math.max(1, numbers) : 1;
  if (count === 0 || !(unit > 0)) return { count: 0, distance: 0, unit: 1 };
  return { count: count / pairs.length, distance: sum / (count * unit), unit };
}

function relative(target: number, prediction: number): number {
  if (target <= 0) return 0;
  return target * Math.log(target / Math.max(SMALLEST, prediction));
}
