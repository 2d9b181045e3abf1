/**
 * Classes: the share of answers with the same class.
 *
 * 1. [n, K]: an answer a row, its class the largest of K; [n, 1]: yes or no. K numbers that a Sigmoid made are labels, each of
 *    which is there or not; what counts is the intersection over union of those that are there.
 * 2. [n, T, K]: an answer a step, as readers of text have it. The class that more than half of the source's steps have says that
 *    there is nothing; steps where both answer it are left out, as agreement on nothing would hide the rest. How many texts are equal
 *    is told beside it.
 */
import { isFloat } from '../../onnx/data-type.ts';
import { numbersOf, type Value } from '../../runtime/session.ts';
import { argmax } from '../argmax.ts';
import { equalTexts, textsIn } from '../texts.ts';
import type { Answers, Claim, Context, Measured, Meter, Output, Task } from './types.ts';

/** A label is there from this probability on. */
const THERE = 0.5;
/** A row of so many numbers or more that no Softmax made may be features as well as classes, so its name has to tell. */
const EMBEDDING = /embed|feat|descriptor|emb\b/i;
const CLASSES = /class|cls|logit|prob|score|label|softmax/i;
const VALUES = /(?:^|[^a-z])(?:regress|value|pose|landmark|keypoint|kpt|coord|offset|depth|age|angle|bbox|box)/i;

export const classify: Task = {
  name: 'classify',
  measures: 'share of results with the same class',
  find(outputs, context, asked): Claim[] {
    return outputs.flatMap((output): Claim[] => {
      const why = asked ? 'asked for' : whyClasses(output, context, outputs);
      if (why === undefined || !isRows(output)) return [];
      const { name, dims } = output;
      const isLabels = dims.length === 2 && dims[1] !== 1 && context.evidence.made(name, 1) === 'sigmoid';
      const meter = isLabels
        ? new LabelMeter(name)
        : new ClassMeter(name, dims.length === 3, thresholdOf(output, context));
      return [{ outputs: [name], why, meter }];
    });
  },
};

function isRows({ type, dims }: Output): boolean {
  return isFloat(type) ? dims.length === 2 || dims.length === 3 : dims.length <= 2;
}

function whyClasses({ name, type, dims }: Output, context: Context, outputs: readonly Output[]): string | undefined {
  const { evidence } = context;
  const axis = dims.length - 1;
  if (!isFloat(type))
    return evidence.made(name, axis) === 'label' && dims.length <= 2 ? 'produced by ArgMax' : undefined;
  if (dims.length !== 2 && dims.length !== 3) return undefined;
  const width = dims[axis] ?? 0;
  const made = evidence.made(name, axis);
  if (made === 'softmax' && width > 1) return 'produced by a Softmax';
  if (made === 'sigmoid' && dims.length === 2) return 'produced by a Sigmoid';
  if (CLASSES.test(name) && width > 1) return `named ${JSON.stringify(name)}`;
  const isLogits = made === 'linear' && width > 1 && dims.length === 2;
  const isOther = EMBEDDING.test(name) || VALUES.test(name) || isBesideClasses(width, context, outputs);
  return isLogits && !isOther ? 'a row of numbers from a last layer' : undefined;
}

/**
 * Whether another output has the classes, and not as many: a network of several heads that ends one of them with a Softmax ends
 * all with it that tell classes. What is left are numbers, such as the boxes and landmarks of a face.
 */
function isBesideClasses(width: number, { evidence }: Context, outputs: readonly Output[]): boolean {
  const certain = outputs.filter(({ name, dims }) =>
    ['softmax', 'sigmoid'].includes(evidence.made(name, dims.length - 1) ?? ''),
  );
  return certain.length > 0 && certain.every(({ dims }) => dims.at(-1) !== width);
}

/** From where on a single number says yes. */
function thresholdOf({ name, dims }: Output, { evidence, options }: Context): number {
  const kind = options.scoreKind ?? (evidence.made(name, dims.length - 1) === 'sigmoid' ? 'probability' : 'logit');
  return kind === 'probability' ? THERE : 0;
}

/** One class of several. */
class ClassMeter implements Meter {
  readonly #output: string;
  readonly #isSequence: boolean;
  readonly #threshold: number;
  /** How often each class of the rewritten model came with each of the source. */
  readonly #pairs = new Map<number, Map<number, number>>();
  readonly #texts: (readonly [readonly number[], readonly number[]])[] = [];

  constructor(output: string, isSequence: boolean, threshold: number) {
    this.#output = output;
    this.#isSequence = isSequence;
    this.#threshold = threshold;
  }

  add({ source, rewritten }: Answers): void {
    const [a, b] = [source, rewritten].map((values) => classesOf(values[this.#output], this.#threshold)) as [
      number[],
      number[],
    ];
    if (a.length !== b.length) return;
    if (this.#isSequence) {
      const dims = source[this.#output]?.dims ?? [];
      const others = textsIn(b, dims);
      this.#texts.push(...textsIn(a, dims).map((text, index) => [text, others[index] ?? []] as const));
    }
    for (const [index, expected] of a.entries()) {
      // The source itself gives no class, so there is none to keep.
      if (Number.isNaN(expected)) continue;
      const row = this.#pairs.get(expected) ?? new Map<number, number>();
      this.#pairs.set(expected, row);
      const own = b[index] as number;
      row.set(own, (row.get(own) ?? 0) + 1);
    }
  }

  result(): Measured {
    const counts = [...this.#pairs].map(([expected, row]) => ({
      expected,
      count: total(row),
      same: row.get(expected) ?? 0,
    }));
    const all = counts.reduce((sum, { count }) => sum + count, 0);
    const common = counts.toSorted((x, y) => y.count - x.count)[0];
    const isNothing = this.#isSequence && common !== undefined && common.count > all / 2;
    const left = isNothing ? common.same : 0;
    const same = counts.reduce((sum, it) => sum + it.same, 0) - left;
    const judged = all - left;
    const read = isNothing ? equalTexts(this.#texts, common.expected) : undefined;
    const figures = {
      answers: judged,
      same,
      classes: counts.length,
      ...(read && { texts: read.texts, sameTexts: read.same }),
    };
    if (judged === 0) return { kept: null, detail: 'there are no results to compare', figures };
    const what = this.#isSequence ? (isNothing ? 'steps that are not blank' : 'steps') : 'answers';
    const kept = same / judged;
    const texts = read === undefined ? '' : `, ${read.same} of ${read.texts} texts equal`;
    return { kept, detail: `same class in ${same} of ${judged} ${what} (${kept.toFixed(3)})${texts}`, figures };
  }
}

function total(row: ReadonlyMap<number, number>): number {
  return [...row.values()].reduce((sum, count) => sum + count, 0);
}

/** The largest of each row, NaN if one of them is; whether it is above the threshold where a row is one number; of integers, they themselves. */
function classesOf(value: Value | undefined, threshold: number): number[] {
  const numbers = value && numbersOf(value);
  if (value === undefined || numbers === undefined) return [];
  if (!isFloat(value.type)) return Array.from(numbers);
  const width = value.dims.at(-1) ?? 1;
  if (width === 1) return Array.from(numbers, (it) => (Number.isNaN(it) ? it : Number(it > threshold)));
  const classes: number[] = [];
  for (let start = 0; start < numbers.length; start += width) {
    classes.push(argmax(numbers, start, width, 1) ?? Number.NaN);
  }
  return classes;
}

/** Labels that are there or not, each by itself. */
class LabelMeter implements Meter {
  readonly #output: string;
  #both = 0;
  #either = 0;

  constructor(output: string) {
    this.#output = output;
  }

  add({ source, rewritten }: Answers): void {
    const [before, after] = [source[this.#output], rewritten[this.#output]];
    const [a, b] = [before && numbersOf(before), after && numbersOf(after)];
    if (a === undefined || b === undefined || a.length !== b.length) return;
    for (let i = 0; i < a.length; i++) {
      const [inA, inB] = [(a[i] as number) > THERE, (b[i] as number) > THERE];
      if (inA && inB) this.#both++;
      if (inA || inB) this.#either++;
    }
  }

  result(): Measured {
    const figures = { both: this.#both, either: this.#either };
    if (this.#either === 0)
      return { kept: null, detail: 'neither model predicts a label, so there is nothing to compare', figures };
    const kept = this.#both / this.#either;
    return {
      kept,
      detail: `${this.#both} of ${this.#either} labels predicted by both models (${kept.toFixed(3)})`,
      figures,
    };
  }
}
