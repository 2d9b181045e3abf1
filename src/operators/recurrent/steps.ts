/** What an LSTM, GRU or RNN is set to, as far as writing its steps out asks. */
import { attributeOf, intAttribute, stringAttribute } from '../../onnx/attributes.ts';
import { nameAt } from '../../onnx/operands.ts';
import type { NodeProto } from '../../onnx/schema.ts';

/** Its sizes; T steps of N samples. */
export interface Recurrence {
  readonly steps: number;
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
  /** Each of these walks the steps: `true` from the last to the first. */
  readonly backwards: readonly boolean[];
}

/** More steps than this, of all directions, are not written out. */
const MOST_STEPS = 1024;

const USUAL: Readonly<Record<string, readonly string[]>> = {
  LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
  GRU: ['Sigmoid', 'Tanh'],
  RNN: ['Tanh'],
};

const BACKWARDS: Readonly<Record<string, readonly boolean[]>> = {
  forward: [false],
  reverse: [true],
  bidirectional: [false, true],
};

/** @param dims of its first input, and of its weight of the state */
export function recurrenceOf(node: NodeProto, dims: readonly number[], state: readonly number[]): Recurrence {
  const [steps = 0, batch = 0, inputs = 0] = dims;
  const backwards = BACKWARDS[stringAttribute(node, 'direction') ?? 'forward'] ?? [false];
  return { steps, batch, inputs, hidden: state[2] ?? 0, backwards };
}

/**
 * Why its steps can't be written out; undefined if they can.
 *
 * @param lengths its sequence lengths; undefined if they are computed in the run
 */
export function whyNotSteps(
  node: NodeProto,
  { steps, backwards }: Recurrence,
  lengths: ArrayLike<number> | undefined,
): string | undefined {
  const usual = backwards.flatMap(() => USUAL[node.opType] ?? []);
  const own = (attributeOf(node, 'activations')?.strings ?? []).map((it) => new TextDecoder().decode(it));
  const others = own.filter((name, index) => name.toLowerCase() !== usual[index]?.toLowerCase());
  if (others.length > 0) return `its activations are ${own.join(', ')}; ${usual.join(', ')} have a gradient`;
  // ONNX Runtime does not run it either.
  if (intAttribute(node, 'layout', 0) !== 0) return 'its samples come before its steps (layout)';
  if ((attributeOf(node, 'clip')?.f ?? 0) > 0) return 'it clips what goes into its activations (clip)';
  if (node.opType === 'LSTM' && intAttribute(node, 'input_forget', 0) !== 0)
    return 'it couples its gates (input_forget)';
  if (node.opType === 'LSTM' && nameAt(node.input, 7) !== '') return 'it has peepholes (its input P)';
  if (nameAt(node.input, 4) !== '') {
    if (lengths === undefined) return 'its sequence lengths are computed in the run';
    if (Array.from(lengths).some((it) => it !== steps)) return 'its sequences have different lengths';
  }
  if (steps * backwards.length > MOST_STEPS)
    return `it has ${steps * backwards.length} steps; up to ${MOST_STEPS} are written out`;
  return undefined;
}
