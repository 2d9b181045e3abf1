/**
 * Classes and masks → the input that a loss of one's own takes.
 *
 * 1. Whole numbers `[N]` or `[N, 1]`: the class. `[N, H, W]` or `[N, 1, H, W]`: the class of each pixel.
 * 2. Floats `[N, C]` or `[N, C, H, W]`, C classes: 1 in the place of the class and 0 in the others.
 * 3. Floats with one place (C = 1, or without C) and two classes: 1 for the second class.
 * 4. A map has the size that the loss states, or else that of the model's output. Pixels without a label get the loss's `ignore_index`; floats
 *    are 0 there in every place.
 */
import { GnSwapError } from '../../errors.ts';
import { filled } from '../../filled.ts';
import { ignoredLabel, type WantedInput, wantedInputs } from '../../inputs/labelled/own/names.ts';
import { type Example, UNLABELLED } from '../../inputs/labelled/types.ts';
import { DataType } from '../../onnx/data-type.ts';
import type { Model } from '../../onnx/model.ts';
import type { Value, Values } from '../../runtime/session.ts';
import type { TrainedOutput } from '../types.ts';
import { labelsAt } from './segment.ts';

/** Where the class stands in the input of a loss. */
interface Form {
  /** How many places it has; undefined if it is written as a number. */
  readonly places: number | undefined;
  /** Whether there is an axis for the places. */
  readonly hasAxis: boolean;
  /** Height and width of a map. */
  readonly size: readonly [height: number | undefined, width: number | undefined];
  /** What pixels without a label get; undefined if they cannot be told. */
  readonly ignored: number | undefined;
}

/**
 * Finds how classes or masks become the single further input of a loss.
 *
 * @param targets the loss with its further inputs alone
 * @param outputs those of the model that the loss takes
 * @returns undefined if samples give the inputs by their names
 * @throws GnSwapError `invalid-arguments` if the labels do not fit the input, `invalid-data` if there are more classes than the model has
 */
export function labelReader(
  targets: Model,
  outputs: readonly TrainedOutput[],
  example: Example,
  classes: readonly string[],
): ((example: Example) => Values) | undefined {
  const { kind } = example.target;
  const [input, second] = wantedInputs(targets);
  if ((kind !== 'class' && kind !== 'map') || input === undefined || second !== undefined) return undefined;
  const isMap = kind === 'map';
  const form = formOf(input, isMap, outputs, classes.length);
  if (form === undefined) throw unfit(input, isMap, classes.length);
  const narrow = outputs.find(({ dims: [, width = 1] }) => width > 1 && width < classes.length);
  if (narrow !== undefined) {
    const message = `the data has ${classes.length} classes, and ${narrow.name} has ${narrow.dims[1]}`;
    throw new GnSwapError('invalid-data', message, { remedy: 'Leave classes out, or train a model that has them all' });
  }
  const own = { ...form, ignored: ignoredLabel(targets) };
  return (it) => ({ [input.name]: isMap ? mapOf(it, own) : classOf(it, own) });
}

/** (1)–(3); undefined if it is none of them. */
function formOf(
  { isFloat, dims }: WantedInput,
  isMap: boolean,
  outputs: readonly TrainedOutput[],
  classes: number,
): Omit<Form, 'ignored'> | undefined {
  const rank = isMap ? 3 : 1;
  const [only, another] = outputs;
  const beside = another === undefined ? only?.dims : undefined;
  const side = (axis: number) => (dims ?? []).at(axis) ?? (beside?.length === 4 ? beside.at(axis) : undefined);
  const size = isMap ? ([side(-2), side(-1)] as const) : ([1, 1] as const);
  const hasAxis = dims?.length === rank + 1;
  if (!hasAxis && (dims === undefined ? isFloat : dims.length !== rank)) return undefined;
  const width = hasAxis ? (dims?.[1] ?? (isFloat ? (beside?.[1] ?? classes) : 1)) : 1;
  if (!isFloat) return width === 1 ? { places: undefined, hasAxis, size } : undefined;
  const isWide = hasAxis && width > 1 && width === classes;
  return isWide || (width === 1 && classes === 2) ? { places: width, hasAxis, size } : undefined;
}

function classOf({ target }: Example, form: Form): Value {
  if (target.kind !== 'class') throw other();
  return written([target.label], [], form);
}

function mapOf(example: Example, form: Form): Value {
  const { target } = example;
  if (target.kind !== 'map') throw other();
  const [height = target.height, width = target.width] = form.size;
  return written(labelsAt(example, height, width), [height, width], form);
}

/** (2), (3), (4) */
function written(labels: ArrayLike<number>, sides: readonly number[], { places, hasAxis, ignored }: Form): Value {
  const dims = [1, ...(hasAxis ? [places ?? 1] : []), ...sides];
  const area = labels.length;
  if (places === undefined) {
    let isWhole = true;
    const data = filled(new Int32Array(area), (pixel) => {
      const label = labels[pixel] as number;
      if (label !== UNLABELLED) return label;
      isWhole = false;
      return ignored ?? Number.NaN;
    });
    if (ignored === undefined && !isWhole) throw unlabelled();
    return { type: DataType.INT32, dims, data };
  }
  const data = new Float32Array(places * area);
  for (let pixel = 0; pixel < area; pixel++) {
    const label = labels[pixel] as number;
    if (places === 1) data[pixel] = Number(label === 1);
    else if (label !== UNLABELLED) data[label * area + pixel] = 1;
  }
  return { type: DataType.FLOAT, dims, data };
}

function unfit({ text }: WantedInput, isMap: boolean, classes: number): GnSwapError {
  const sides = isMap ? ', H, W' : '';
  const one = classes === 2 ? `, or float32 [N, 1${sides}]` : '';
  const message = `${isMap ? 'masks' : 'classes'} of ${classes} kinds do not fit the loss's input ${text}`;
  return new GnSwapError('invalid-arguments', message, {
    node: '--loss',
    remedy: `Make the input int64 [N${sides}], or float32 [N, ${classes}${sides}]${one}; or give arrays of that name (docs/data.md)`,
  });
}

function unlabelled(): GnSwapError {
  return new GnSwapError('invalid-data', 'a mask has pixels without a label, and the loss has no ignore_index', {
    remedy: 'Give its SoftmaxCrossEntropyLoss an ignore_index',
  });
}

function other(): GnSwapError {
  return new GnSwapError('invalid-data', 'some samples have classes and others masks', { remedy: 'Give one kind' });
}
