/**
 * Whether a model scales bytes by itself: x → a x + b with constants, before its first layer.
 *
 * 1. Bytes run from 0 to 255, and what a layer takes has a size of about 1, so a is small: 1/255, 1/127.5, 1/(255 · 0.225).
 * 2. Or the mean that is subtracted is one of bytes: 103.9, 127.5.
 *
 * Neither fits pictures from 0 to 1: a would shrink them to nothing, or the mean lie far outside.
 */
import { constantOf } from '../graph/constants.ts';
import { viewOf } from '../graph/view.ts';
import { isNumber } from '../onnx/data-type.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { elementCount, valuesOf } from '../onnx/tensor.ts';

/** A factor of 1/20 or less: of pictures from 0 to 1 it would leave a twentieth. */
const SMALL = 1 / 20;
/** What no mean of pictures from 0 to 1 is, nor of numbers from −1 to 1. */
const MEAN_OF_BYTES = 10;
const MEAN_AT_MOST = 256;
/** Preprocessing has no more steps; also an end to graphs that are circles. */
const MOST_STEPS = 12;
/** Of one constant: one number, or one a channel. */
const MOST_NUMBERS = 4;
/** Operators that only lay numbers out, or change their type. */
const MOVES = new Set('Cast Gather Identity Pad Reshape Resize Slice Squeeze Transpose Unsqueeze Upsample'.split(' '));

/** Tells whether the numbers of an input are scaled in the model as if they were bytes. */
export function scalesItself(model: Model, input: string): boolean {
  const view = viewOf(model);
  const [main] = view.scopes;
  let lines: readonly Line[] = [{ factor: 1, summand: 0 }];
  let value = input;
  for (let step = 0; main !== undefined && step < MOST_STEPS; step++) {
    // What only asks for the size of a picture computes nothing with it.
    const [node, ...others] = view.readersOf(value).filter(({ opType }) => opType !== 'Shape');
    if (node === undefined || others.length > 0 || normalDomain(node.domain) !== '') break;
    if (!MOVES.has(node.opType)) {
      const first = node.input[0] === value;
      const constant = constantOf(main, nameAt(node.input, first ? 1 : 0), model.home.open, new Map(), MOST_NUMBERS);
      const next = constant && after(node, lines, numbersOf(constant, model), first);
      if (next === undefined) break;
      lines = next;
    } else if (node.input[0] !== value) {
      break;
    }
    value = nameAt(node.output, 0);
  }
  return lines.every(isOfBytes);
}

/** Of one channel: v → factor · v + summand. */
interface Line {
  readonly factor: number;
  readonly summand: number;
}

function isOfBytes({ factor, summand }: Line): boolean {
  const mean = -summand / factor;
  return factor !== 0 && (Math.abs(factor) <= SMALL || (mean >= MEAN_OF_BYTES && mean <= MEAN_AT_MOST));
}

/** The lines behind a node whose other input is `constant`; undefined if the node is not arithmetic. */
function after(
  { opType }: NodeProto,
  lines: readonly Line[],
  constant: readonly number[],
  first: boolean,
): readonly Line[] | undefined {
  const step = STEPS[opType];
  if (step === undefined || constant.length === 0 || (opType === 'Div' && !first)) return undefined;
  const length = Math.max(lines.length, constant.length);
  return Array.from({ length }, (_, index) => {
    const line = lines[index % lines.length] as Line;
    return step(line, constant[index % constant.length] as number, first);
  });
}

const STEPS: Readonly<Record<string, (line: Line, c: number, first: boolean) => Line>> = {
  Mul: ({ factor, summand }, c) => ({ factor: factor * c, summand: summand * c }),
  Div: ({ factor, summand }, c) => ({ factor: factor / c, summand: summand / c }),
  Add: ({ factor, summand }, c) => ({ factor, summand: summand + c }),
  Sub: ({ factor, summand }, c, first) =>
    first ? { factor, summand: summand - c } : { factor: -factor, summand: c - summand },
};

function numbersOf(tensor: TensorProto, { home }: Model): readonly number[] {
  return isNumber(tensor.dataType) && elementCount(tensor) > 0 ? [...valuesOf(tensor, home.open)] : [];
}
