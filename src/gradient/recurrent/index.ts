/**
 * LSTM, GRU and RNN ⇒ the operators that they stand for, step by step: each of these has a gradient.
 *
 * 1. All steps of the input at once: W x + b, one product, which is split into steps.
 * 2. Each step is one product with the state and a few elementwise nodes (cells.ts).
 * 3. The states of all steps are joined.
 * Only what hangs on something wanted is written out; what can't be stays, and its rule says why. The steps of a file's sizes are
 * fixed, as everything in a gradient model is.
 */
import { intAttribute } from '../../onnx/attributes.ts';
import { calledBy, nameAt } from '../../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../../onnx/schema.ts';
import { valuesOf } from '../../onnx/tensor.ts';
import { type Recurrence, recurrenceOf, whyNotSteps } from '../../operators/recurrent/steps.ts';
import { type FixedType, type Forward, storedType } from '../forward.ts';
import { type NameSpaces, Writer } from '../writer.ts';
import { type Cell, cellOf, type State } from './cells.ts';
import { Typed } from './typed.ts';

const RECURRENT = new Set(['LSTM', 'GRU', 'RNN']);

/** @param wrt what is differentiated by */
export function unrollRecurrent(forward: Forward, wrt: ReadonlySet<string>, names: NameSpaces): Forward {
  if (!forward.nodes.some(({ opType }) => RECURRENT.has(opType))) return forward;
  const added = new Map<string, TensorProto>();
  const types = new Map(forward.types);
  const reached = new Set(wrt);
  const nodes = forward.nodes.flatMap((node) => {
    if (!node.input.some((name) => reached.has(name))) return [node];
    for (const name of node.output) reached.add(name);
    return RECURRENT.has(node.opType) && canBeWritten(node, forward) ? written(node, names, added, types) : [node];
  });
  const constants = new Map(forward.constants);
  for (const tensor of added.values()) {
    constants.set(tensor.name, tensor);
    types.set(tensor.name, storedType(tensor));
  }
  return { ...forward, nodes, constants, types };
}

function canBeWritten(node: NodeProto, { types, constants, external }: Forward): boolean {
  const dims = (index: number) => types.get(nameAt(node.input, index))?.dims ?? [];
  const lengths = constants.get(nameAt(node.input, 4));
  return whyNotSteps(node, recurrenceOf(node, dims(0), dims(2)), lengths && valuesOf(lengths, external)) === undefined;
}

/** What one direction gives. */
interface Walked {
  /** h of every step, [T·N, H]. */
  readonly all: string;
  readonly last: State;
}

function written(
  node: NodeProto,
  names: NameSpaces,
  added: Map<string, TensorProto>,
  types: Map<string, FixedType>,
): readonly NodeProto[] {
  const writer = new Writer(calledBy(node), names, added);
  const [x = '', w = '', r = '', b = '', , h0 = '', c0 = ''] = node.input;
  const typed = new Typed(writer, types, types.get(x)?.type ?? 1);
  const it = recurrenceOf(node, typed.dims(x), typed.dims(r));
  const { steps, batch, inputs, hidden, backwards } = it;
  const cell = cellOf(node.opType, intAttribute(node, 'linear_before_reset', 0) !== 0);
  const flat = typed.reshape(x, [steps * batch, inputs]);
  const apart = (value: string, dims: readonly number[]) =>
    value === ''
      ? []
      : typed
          .split(
            value,
            0,
            backwards.map(() => 1),
          )
          .map((part) => typed.reshape(part, dims));
  const ws = apart(w, [cell.gates * hidden, inputs]);
  const rs = apart(r, [cell.gates * hidden, hidden]);
  const [bs, hs, cs] = [apart(b, [2 * cell.gates * hidden]), apart(h0, [batch, hidden]), apart(c0, [batch, hidden])];
  const walked = backwards.map((isBackwards, at) => {
    const biases = bs[at] && typed.split(bs[at], 0, [cell.gates * hidden, cell.gates * hidden]);
    const weights = { r: rs[at] as string, biases: biases as [string, string] | undefined, batch, hidden };
    const bias = cell.inputBias(typed, weights);
    const operands = [flat, ws[at] as string, ...(bias === undefined ? [] : [bias])];
    const products = typed.op('Gemm', operands, [steps * batch, cell.gates * hidden], { transB: 1 });
    return walk(typed, cell.stepper(typed, weights), products, { h: hs[at], c: cs[at] }, it, isBackwards);
  });
  outputs(typed, node, walked, it);
  return writer.nodes;
}

/** (2). */
function walk(
  typed: Typed,
  step: ReturnType<Cell['stepper']>,
  products: string,
  first: State,
  { steps, batch, hidden }: Recurrence,
  isBackwards: boolean,
): Walked {
  const parts = typed.split(
    products,
    0,
    Array.from({ length: steps }, () => batch),
  );
  const order = parts.map((_, at) => (isBackwards ? steps - 1 - at : at));
  const all = new Array<string>(steps).fill('');
  let last = first;
  for (const at of order) {
    last = step(parts[at] as string, last);
    all[at] = last.h as string;
  }
  return { all: typed.op('Concat', all, [steps * batch, hidden], { axis: 0 }), last };
}

/** (3), under the names of the node's outputs. */
function outputs(
  typed: Typed,
  { output }: NodeProto,
  walked: readonly Walked[],
  { steps, batch, hidden }: Recurrence,
): void {
  const [y = '', h = '', c = ''] = output;
  const give = (name: string, parts: readonly string[], dims: readonly number[], axis: number) => {
    if (name === '') return;
    const apart = parts.map((part) => typed.reshape(part, dims));
    const whole = dims.map((dim, at) => (at === axis ? parts.length : dim));
    typed.op('Concat', apart, whole, { axis }, name);
  };
  const lastOf = (kind: 'h' | 'c') => walked.map(({ last }) => last[kind] as string);
  give(
    y,
    walked.map(({ all }) => all),
    [steps, 1, batch, hidden],
    1,
  );
  give(h, lastOf('h'), [1, batch, hidden], 0);
  if (c !== '') give(c, lastOf('c'), [1, batch, hidden], 0);
}
