/** One class a sample: cross-entropy, or binary cross-entropy where a Sigmoid ends the model; accuracy. */
import { GnSwapError } from '../../errors.ts';
import type { Example } from '../../inputs/labelled/types.ts';
import { DataType } from '../../onnx/data-type.ts';
import { numbersIn, type Value } from '../../runtime/session.ts';
import { rowAxis } from '../class-axis.ts';
import type { Answer, Scorer, TrainedOutput, TrainTask } from '../types.ts';
import { Confusion } from './confusion.ts';
import { fewerClasses } from './fewer-classes.ts';
import { outputFor, probabilities } from './outputs.ts';

export const classify: TrainTask = {
  name: 'classify',
  prepare(setup) {
    const { evidence, data, losses } = setup;
    // The others of several heads are numbers: boxes and landmarks beside the score of a face.
    const endsInSoftmax = ({ name }: TrainedOutput) => evidence.made(name, 1) === 'softmax';
    const output = outputFor(setup, isRow, 'a row of one number for each class', endsInSoftmax);
    const classes = data.classes ?? [];
    const width = widthOf(output);
    const axis = rowAxis(output.dims);
    const isYesNo = width === 1 && classes.length === 2;
    if (classes.length > width && !isYesNo) {
      throw new GnSwapError('invalid-data', `the data has ${classes.length} classes, and ${output.name} has ${width}`, {
        remedy: `Give --classes ${classes.join(',')} to rebuild the last layer`,
      });
    }
    const isSigmoid = isYesNo || evidence.made(output.name, 1) === 'sigmoid';
    const loss = losses?.[0] ?? (isSigmoid ? 'bce' : 'cross-entropy');
    const made = evidence.made(output.name, 1);
    return {
      measure: 'accuracy',
      notes: isYesNo ? [] : fewerClasses(output.name, classes, width),
      scoresSteps: true,
      answerOf: (outputs) => answerOf(outputs[output.name], { isYesNo, made }),
      objective: {
        kind: 'graph',
        terms: [{ output: output.name, loss, weight: 1, ...(axis > 1 && { axis }), ...probabilities(made) }],
        targets: (batch) => [loss === 'cross-entropy' ? labels(batch, output, axis) : chances(batch, output, isYesNo)],
      },
      scorer: () => new AccuracyScorer(output.name, isYesNo ? 2 : width, isYesNo, made === 'sigmoid'),
    };
  },
};

function isRow({ dims }: TrainedOutput): boolean {
  return dims.length >= 1 && dims.filter((dim) => dim !== 1).length <= 1 && dims.length <= 4;
}

function widthOf({ dims }: TrainedOutput): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

function labelOf({ target }: Example): number {
  if (target.kind === 'class') return target.label;
  throw new GnSwapError('invalid-data', 'a sample has no class', { remedy: 'Give another --task' });
}

/** Class numbers, of the output's dimensions without that of classes. */
function labels(batch: readonly Example[], { dims }: TrainedOutput, axis: number): Value {
  const data = BigInt64Array.from(batch, (example) => BigInt(labelOf(example)));
  const rest = dims.filter((_, at) => at > 0 && at !== axis);
  return { type: DataType.INT64, dims: dims.length === 1 ? [] : [batch.length, ...rest], data };
}

/** 1 for the class and 0 for the others. */
function chances(batch: readonly Example[], output: TrainedOutput, isYesNo: boolean): Value {
  const width = widthOf(output);
  const data = new Float32Array(batch.length * width);
  for (const [index, example] of batch.entries()) {
    if (isYesNo) data[index] = labelOf(example);
    else data[index * width + labelOf(example)] = 1;
  }
  return { type: DataType.FLOAT, dims: [batch.length, ...output.dims.slice(1)], data };
}

/** The class that one sample is given, and its chance. */
function answerOf(
  value: Value | undefined,
  { isYesNo, made }: { readonly isYesNo: boolean; readonly made: string | undefined },
): Answer {
  const numbers = numbersIn(value);
  const squash = (it: number) => (made === 'sigmoid' ? it : 1 / (1 + Math.exp(-it)));
  if (isYesNo) {
    const chance = squash(numbers[0] as number);
    return chance > 0.5 ? { kind: 'class', label: 1, chance } : { kind: 'class', label: 0, chance: 1 - chance };
  }
  const label = largest(numbers, 0, numbers.length);
  const own = numbers[label] as number;
  if (made === 'softmax' || made === 'sigmoid') return { kind: 'class', label, chance: own };
  let total = 0;
  for (let i = 0; i < numbers.length; i++) total += Math.exp((numbers[i] as number) - own);
  return { kind: 'class', label, chance: 1 / total };
}

/** Counts the samples whose largest number is that of their class. */
class AccuracyScorer implements Scorer {
  readonly #output: string;
  readonly #confusion: Confusion;
  readonly #isYesNo: boolean;
  readonly #threshold: number;
  readonly #rights: boolean[] = [];

  constructor(output: string, classes: number, isYesNo: boolean, isProbability: boolean) {
    this.#output = output;
    this.#confusion = new Confusion(classes);
    this.#isYesNo = isYesNo;
    this.#threshold = isProbability ? 0.5 : 0;
  }

  add(outputs: Readonly<Record<string, Value>>, batch: readonly Example[]): void {
    const value = outputs[this.#output];
    const numbers = numbersIn(value);
    const width = numbers.length / batch.length;
    for (const [index, example] of batch.entries()) {
      const answer = this.#isYesNo
        ? Number((numbers[index] as number) > this.#threshold)
        : largest(numbers, index * width, width);
      this.#rights.push(answer === labelOf(example));
      this.#confusion.add(labelOf(example), answer);
    }
  }

  result() {
    const [count, right] = [this.#rights.length, this.#rights.filter((it) => it).length];
    return {
      value: count === 0 ? undefined : right / count,
      detail: `${right} of ${count} samples right`,
      figures: { samples: count, right },
      confusion: this.#confusion.rows(),
      classes: this.#confusion.classes(),
    };
  }

  weighted(weights: ArrayLike<number>): number | undefined {
    let [count, right] = [0, 0];
    for (const [sample, isRight] of this.#rights.entries()) {
      const weight = weights[sample] as number;
      count += weight;
      if (isRight) right += weight;
    }
    return count === 0 ? undefined : right / count;
  }
}

function largest(numbers: ArrayLike<number>, start: number, width: number): number {
  let best = 0;
  for (let i = 1; i < width; i++) if ((numbers[start + i] as number) > (numbers[start + best] as number)) best = i;
  return best;
}
