/**
 * Cross-entropy of the scores of one row, and its gradient by the numbers that the model gives.
 *
 * - `sigmoid`: values before a Sigmoid, each class by itself. No number is ever clipped.
 * - `probability`: values behind it. A new class starts at 1e-6 or less, so probabilities are clipped at 1e-7 only, and only as a divisor:
 *   the gradient of a score that should be high never vanishes here.
 * - `softmax`: values before a Softmax; what is missing from the target is the background's. `softmax-probability`: behind it.
 * - With an objectness in front, what is compared is objectness times class.
 */

export type ScoreForm = 'sigmoid' | 'probability' | 'softmax' | 'softmax-probability';

/** How the numbers of a row are to be read. */
export interface ScoreReading {
  readonly form: ScoreForm;
  /** Whether the first number is an objectness. */
  readonly objectness: boolean;
  /** Among the columns; of a Softmax. */
  readonly background: number | undefined;
}

const SMALLEST = 1e-7;

/** From 0 to 1, for a class: objectness included. `row` is where the numbers of the row start. */
export function chanceOf(
  { form, objectness }: ScoreReading,
  numbers: Float64Array,
  row: number,
  columns: number,
  label: number,
): number {
  const first = objectness ? 1 : 0;
  const value = numbers[row + first + label] as number;
  const share = objectness ? squash(form, numbers[row] as number) : 1;
  if (form !== 'softmax') return share * squash(form, value);
  const { top, total } = softmaxOf(numbers, row, columns);
  return Math.exp(value - top) / total;
}

/**
 * Adds the gradient of a row, and returns its loss.
 *
 * @param targets what each column (without the objectness) should be
 * @param weight of this row
 */
export function scoreLoss(
  reading: ScoreReading,
  numbers: Float64Array,
  row: number,
  columns: number,
  targets: Float64Array,
  weight: number,
  gradient: Float64Array,
): number {
  const { form } = reading;
  if (form === 'softmax' || form === 'softmax-probability') {
    return setLoss(reading, numbers, row, columns, targets, weight, gradient);
  }
  const isRaw = form === 'sigmoid';
  const first = reading.objectness ? 1 : 0;
  const objectness = numbers[row] as number;
  let loss = 0;
  for (let column = first; column < columns; column++) {
    const y = targets[column - first] as number;
    const x = numbers[row + column] as number;
    if (reading.objectness) {
      const [a, b] = isRaw ? [sigmoid(objectness), sigmoid(x)] : [objectness, x];
      // 1 − ab without cancelling where both are near 1.
      const [noA, noB] = isRaw ? [sigmoid(-objectness), sigmoid(-x)] : [1 - a, 1 - b];
      const left = Math.max(noA + a * noB, SMALLEST);
      const logP = isRaw ? -softplus(-objectness) - softplus(-x) : Math.log(Math.max(a * b, SMALLEST));
      loss -= y * logP + (1 - y) * Math.log(left);
      const gap = (a * b - y) / left;
      add(gradient, row, weight * gap * (isRaw ? noA : 1 / Math.max(a, SMALLEST)));
      add(gradient, row + column, weight * gap * (isRaw ? noB : 1 / Math.max(b, SMALLEST)));
    } else if (isRaw) {
      loss += softplus(x) - y * x;
      add(gradient, row + column, weight * (sigmoid(x) - y));
    } else {
      const [p, left] = [Math.max(x, SMALLEST), Math.max(1 - x, SMALLEST)];
      loss -= y * Math.log(p) + (1 - y) * Math.log(left);
      add(gradient, row + column, (weight * (x - y)) / (p * left));
    }
  }
  return weight * loss;
}

function setLoss(
  { form, background }: ScoreReading,
  numbers: Float64Array,
  row: number,
  columns: number,
  targets: Float64Array,
  weight: number,
  gradient: Float64Array,
): number {
  let named = 0;
  for (let column = 0; column < columns; column++) {
    if (column !== background) named += targets[column] as number;
  }
  const targetOf = (column: number) => {
    return column === background ? Math.max(0, 1 - named) : (targets[column] as number);
  };
  const { top, total } = softmaxOf(numbers, row, columns);
  let sum = 0;
  for (let column = 0; column < columns; column++) sum += targetOf(column);
  let loss = 0;
  for (let column = 0; column < columns; column++) {
    const y = targetOf(column);
    const x = numbers[row + column] as number;
    if (form === 'softmax') {
      loss -= y * (x - top - Math.log(total));
      add(gradient, row + column, weight * ((sum * Math.exp(x - top)) / total - y));
    } else {
      const p = Math.max(x, SMALLEST);
      loss -= y * Math.log(p);
      add(gradient, row + column, (-weight * y) / p);
    }
  }
  return weight * loss;
}

function softmaxOf(numbers: Float64Array, row: number, columns: number): { top: number; total: number } {
  let top = Number.NEGATIVE_INFINITY;
  for (let column = 0; column < columns; column++) top = Math.max(top, numbers[row + column] as number);
  let total = 0;
  for (let column = 0; column < columns; column++) total += Math.exp((numbers[row + column] as number) - top);
  return { top, total };
}

function squash(form: ScoreForm, value: number): number {
  return form === 'sigmoid' ? sigmoid(value) : value;
}

function sigmoid(x: number): number {
  return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
}

/** log(1 + eˣ). */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function add(gradient: Float64Array, at: number, value: number): void {
  gradient[at] = (gradient[at] as number) + value;
}
