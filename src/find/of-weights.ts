/**
 * Weights that are computed in the run: NFNet and BiT standardise theirs before each Conv, which PyTorch spells as a
 * BatchNormalization of the weights. What it normalises is no sample, and such a Conv never absorbed a norm.
 */
import { definingScope, type Scope } from '../graph/scope.ts';
import { nameAt } from '../onnx/operands.ts';
import type { SearchContext } from './pattern.ts';

/** What only moves numbers, or widens them. */
const MOVES = new Set(
  'Cast CastLike DequantizeLinear Flatten Identity QuantizeLinear Reshape Squeeze Transpose Unsqueeze'.split(' '),
);
/** What may stand between weights and their norm as well. */
const SCALES = new Set(['Add', 'Div', 'Mul', 'Sub']);
const LAYERS = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);
/** More than any exporter writes, and an end to graphs that are circles. */
const MOST_STEPS = 16;

/** Whether a norm is one of weights: they are stored in the file, and a layer takes what becomes of them. */
export function isOfWeights(input: string, output: string, scope: Scope, { readersOf }: SearchContext): boolean {
  if (!isStored(input, scope, MOST_STEPS)) return false;
  let at = output;
  for (let step = 0; step < MOST_STEPS; step++) {
    const readers = readersOf(at);
    if (readers.some(({ opType, input: read }) => LAYERS.has(opType) && read.indexOf(at) === 1)) return true;
    const [next] = readers;
    if (next === undefined || !(MOVES.has(next.opType) || SCALES.has(next.opType))) return false;
    at = nameAt(next.output, 0);
  }
  return false;
}

/** Whether weights are more than stored numbers that are moved. */
export function areComputed(weight: string, scope: Scope): boolean {
  return !isStored(weight, scope, MOST_STEPS, new Set());
}

/** Whether a value is a tensor of the file, or is moved and scaled from such. */
function isStored(value: string, scope: Scope, steps: number, scales: ReadonlySet<string> = SCALES): boolean {
  const owner = definingScope(scope, value);
  if (owner === undefined || steps === 0) return false;
  if (owner.initializers.has(value)) return true;
  const producer = owner.producers.get(value);
  if (producer === undefined) return false;
  if (producer.opType === 'Constant') return true;
  // All of a sum or a product: it may be a sample that is scaled by what is stored.
  if (scales.has(producer.opType)) return producer.input.every((it) => isStored(it, owner, steps - 1, scales));
  return MOVES.has(producer.opType) && isStored(nameAt(producer.input, 0), owner, steps - 1, scales);
}
