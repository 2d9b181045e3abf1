/**
 * Losses as small models: `prediction` and `target` → `loss`, a scalar.
 *
 * With n elements and N rows (positions that have one class each):
 *   cross-entropy  −Σ log softmax(z)[target] / N    target: class numbers; negative ones are left out
 *   kl             Σ t (log t − log softmax(z)) / N target: probabilities
 *   bce            Σ softplus(z) − t z / n          target: 0…1, as the prediction
 *   dice           mean over samples of 1 − (2 Σ p t + 1) / (Σ p + Σ t + 1)
 *   mse, l1        Σ (y − t)² / n, Σ |y − t| / n
 *   huber          Σ e²/2 where e = |y − t| ≤ 1, else e − 1/2, over n
 */

import { DataType } from '../onnx/data-type.ts';
import { type Model, memoryHome } from '../onnx/model.ts';
import { Names } from '../onnx/names.ts';
import { create, type TensorProto, type ValueInfoProto } from '../onnx/schema.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import type { FixedType } from './forward.ts';
import type { LossName } from './losses.ts';
import { LOWEST_OPSET } from './prepare.ts';
import { Writer } from './writer.ts';

/** What the output of an activation is taken back to, so that the loss works on the value before it. */
export const BEFORE: Readonly<Record<LossName, readonly string[]>> = {
  'cross-entropy': ['Softmax', 'LogSoftmax'],
  kl: ['Softmax', 'LogSoftmax'],
  bce: ['Sigmoid'],
  dice: [],
  mse: [],
  l1: [],
  huber: [],
};

/** What a loss is written for. */
export interface Prediction extends FixedType {
  /** Of classes, for losses over a softmax. */
  readonly axis: number;
  /** Whether it holds probabilities, and not what comes before a Softmax or Sigmoid. */
  readonly isProbability: boolean;
}

/** Below this a probability is rounding, in float16 too. */
const LEAST = 1e-7;

type Write = (w: Writer, at: Prediction) => void;

const each =
  (term: (w: Writer, at: Prediction) => string): Write =>
  (w, at) => {
    w.op('ReduceMean', [term(w, at)], { keepdims: 0 }, 'loss');
  };

const difference = (w: Writer) => w.op('Sub', ['prediction', 'target']);

/** The logarithm of a probability, which may be rounded to 0. */
const logOf = (w: Writer, type: DataType, p: string) => w.op('Log', [w.op('Max', [p, w.scalar(type, LEAST)])]);

const logsOf = (w: Writer, { type, axis, isProbability }: Prediction) =>
  isProbability ? logOf(w, type, 'prediction') : w.op('LogSoftmax', ['prediction'], { axis });

const crossEntropy: Write = (w, at) => {
  const { type, dims, axis } = at;
  const classes = dims[axis] as number;
  const logs = logsOf(w, at);
  const values = w.tensor(type, [2], [0, 1]);
  const rows = w.op('OneHot', ['target', w.ints([classes]), values], { axis });
  const valid = w.op('Cast', [w.op('GreaterOrEqual', ['target', w.scalar(DataType.INT64, 0)])], { to: type });
  const held = w.op('Mul', [rows, w.op('Unsqueeze', [valid, w.ints([axis])])]);
  const total = w.op('Neg', [w.op('ReduceSum', [w.op('Mul', [logs, held])], { keepdims: 0 })]);
  const count = w.op('Max', [w.op('ReduceSum', [valid], { keepdims: 0 }), w.scalar(type, 1)]);
  w.op('Div', [total, count], {}, 'loss');
};

const kl: Write = (w, at) => {
  const { type, dims, axis } = at;
  const rows = dims.reduce((product, dim) => product * dim, 1) / (dims[axis] as number);
  const logs = logsOf(w, at);
  // t log t is 0 at 0.
  const own = w.op('Log', [w.op('Max', ['target', w.scalar(type, 1e-30)])]);
  const total = w.op('ReduceSum', [w.op('Mul', ['target', w.op('Sub', [own, logs])])], { keepdims: 0 });
  w.op('Mul', [total, w.scalar(type, 1 / rows)], {}, 'loss');
};

const dice: Write = (w, { type, dims, isProbability }) => {
  const p = isProbability ? 'prediction' : w.op('Sigmoid', ['prediction']);
  const axes = w.ints(dims.flatMap((_, axis) => (axis === 0 ? [] : [axis])));
  const sum = (value: string) => w.op('ReduceSum', [value, axes], { keepdims: 0 });
  const [one, two] = [w.scalar(type, 1), w.scalar(type, 2)];
  const shared = w.op('Add', [w.op('Mul', [sum(w.op('Mul', [p, 'target'])), two]), one]);
  const all = w.op('Add', [w.op('Add', [sum(p), sum('target')]), one]);
  w.op('ReduceMean', [w.op('Sub', [one, w.op('Div', [shared, all])])], { keepdims: 0 }, 'loss');
};

const huber = each((w, { type }) => {
  const size = w.op('Abs', [difference(w)]);
  // e²/2 up to 1 and e − 1/2 beyond are c (e − c/2) with c = min(e, 1).
  const capped = w.op('Min', [size, w.scalar(type, 1)]);
  return w.op('Mul', [capped, w.op('Sub', [size, w.op('Mul', [capped, w.scalar(type, 0.5)])])]);
});

const WRITERS: Readonly<Record<LossName, Write>> = {
  'cross-entropy': crossEntropy,
  kl,
  dice,
  huber,
  bce: each((w, { type, isProbability }) => {
    if (!isProbability) return w.op('Sub', [w.op('Softplus', ['prediction']), w.op('Mul', ['prediction', 'target'])]);
    const one = w.scalar(type, 1);
    const part = (t: string, p: string) => w.op('Mul', [t, logOf(w, type, p)]);
    const rest = part(w.op('Sub', [one, 'target']), w.op('Sub', [one, 'prediction']));
    return w.op('Neg', [w.op('Add', [part('target', 'prediction'), rest])]);
  }),
  mse: each((w) => {
    const error = difference(w);
    return w.op('Mul', [error, error]);
  }),
  l1: each((w) => w.op('Abs', [difference(w)])),
};

/** The model of a loss for predictions of that type. */
export function lossModel(name: LossName, at: Prediction): Model {
  const constants = new Map<string, TensorProto>();
  const values = new Names(['prediction', 'target', 'loss']);
  const writer = new Writer(`loss/${name}`, { values, nodes: new Names([]) }, constants);
  WRITERS[name](writer, at);
  const graph = create('GraphProto', {
    name: `loss/${name}`,
    node: writer.nodes,
    initializer: [...constants.values()],
    input: [makeValueInfo('prediction', at.type, at.dims), target(name, at)],
    output: [makeValueInfo('loss', at.type, [])],
  });
  const opsetImport = [create('OperatorSetIdProto', { domain: '', version: LOWEST_OPSET })];
  return { proto: { ...create('ModelProto', { irVersion: 8, opsetImport }), graph }, home: memoryHome() };
}

function target(name: LossName, { type, dims, axis }: Prediction): ValueInfoProto {
  if (name !== 'cross-entropy') return makeValueInfo('target', type, dims);
  return makeValueInfo(
    'target',
    DataType.INT64,
    dims.filter((_, at) => at !== axis),
  );
}
