/** What a loss asks of a sample, by names. */
import { GnSwapError } from '../../../errors.ts';
import { requiredInputs } from '../../../graph/interface.ts';
import { intAttribute } from '../../../onnx/attributes.ts';
import { isFloat } from '../../../onnx/data-type.ts';
import type { Model } from '../../../onnx/model.ts';
import { typeText } from '../../../onnx/type-text.ts';
import { declaredType } from '../../../onnx/value-type.ts';
import type { Value, Values } from '../../../runtime/session.ts';
import { fitInputs } from '../../feed.ts';
import { sizeOf } from '../../generated.ts';
import type { LayoutContext } from '../layout.ts';
import type { LabelledOptions } from '../options.ts';

/** An input that a loss has beside the outputs of the model. */
export interface WantedInput {
  readonly name: string;
  /** `"weight" float32 [N, 1]`. */
  readonly text: string;
  readonly isFloat: boolean;
  /** `undefined` if the loss does not tell the rank. */
  readonly dims: readonly (number | undefined)[] | undefined;
}

/** The loss with its further inputs alone. */
export function targetsModel({ targets }: LabelledOptions): Model {
  if (targets === undefined) throw new Error('the loss was not read');
  return targets;
}

/** Inputs of a loss that samples have to give. */
export function wantedInputs(targets: Model): WantedInput[] {
  return requiredInputs(targets).map(({ name, type }) => {
    const { elemType, shape } = declaredType(type);
    const text = `${JSON.stringify(name)} ${typeText(type)}`;
    return { name, text, isFloat: elemType !== undefined && isFloat(elemType), dims: shape };
  });
}

/** The array of an input in a file: `target/INPUT`, or `INPUT` if there is none. */
export function arrayNameOf(names: readonly string[], input: string): string {
  const prefixed = `target/${input}`;
  return !names.includes(prefixed) && names.includes(input) ? input : prefixed;
}

/** One sample's array with the axis that counts samples. */
export function asOneSample(value: Value, { dims }: WantedInput): Value {
  const isWhole = dims !== undefined && dims.length === value.dims.length && value.dims[0] === 1;
  return isWhole ? value : { ...value, dims: [1, ...value.dims] };
}

/** Brings arrays of one sample to the types that the loss takes, and checks their shapes. @throws GnSwapError naming the file */
export function fitTargets(targets: Model, values: Values, file: string): Values {
  try {
    return fitInputs(targets, values);
  } catch (error) {
    throw error instanceof GnSwapError ? error.in(file) : error;
  }
}

/** The shape of so many numbers of one sample. */
export function dimsOf({ dims }: WantedInput, count: number): number[] {
  const rest = dims?.slice(1);
  if (rest?.every((dim) => dim !== undefined) && sizeOf({ dims: rest }) === count) return [1, ...rest];
  // Of `[N]` each sample has one number.
  return dims?.length === 1 && count === 1 ? [1] : [1, count];
}

/** What a loss passes over among whole numbers: the `ignore_index` of its nodes, if it is one for all. */
export function ignoredLabel(loss: Model): number | undefined {
  const found = loss.proto.graph.node
    .filter(({ opType }) => LOSSES.has(opType))
    .map((node) => intAttribute(node, 'ignore_index', undefined));
  return new Set(found).size === 1 ? found[0] : undefined;
}

const LOSSES: ReadonlySet<string> = new Set(['SoftmaxCrossEntropyLoss', 'NegativeLogLikelihoodLoss']);

/** Refuses `--classes` where names of inputs tell all. */
export function requireNoClasses({ options }: LayoutContext): void {
  if (options.classes === undefined) return;
  throw new GnSwapError('invalid-arguments', 'the data gives the inputs of the loss by name, not classes', {
    node: '--classes',
    remedy: 'Leave --classes out',
  });
}
