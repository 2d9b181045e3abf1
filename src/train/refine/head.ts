/**
 * Where a model is compared with its teacher: what its last layers give, before arithmetic hides how far off they are. A box in pixels
 * is mostly the place of its cell, and a probability near 0 has hardly a gradient; what both are made of has.
 */
import type { Lookup } from '../../graph/scope.ts';
import { viewOf } from '../../graph/view.ts';
import type { Model } from '../../onnx/model.ts';
import { normalDomain } from '../../onnx/model.ts';
import type { NodeProto, TensorProto } from '../../onnx/schema.ts';
import { elementCount, valuesOf } from '../../onnx/tensor.ts';

/** A value that both models have, and how it is compared. */
export interface Compared {
  readonly value: string;
  readonly loss: 'bce' | 'kl' | 'mse';
}

const LAYERS = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);
const ACTIVATIONS: Readonly<Record<string, Compared['loss']>> = { Sigmoid: 'bce', Softmax: 'kl' };
/** Operators whose result holds sizes or choices, and not the numbers of their input. */
const NO_NUMBERS = new Set(['Shape', 'Size', 'NonZero', 'ArgMax', 'ArgMin', 'NonMaxSuppression']);
/** Longer vectors are not looked through for 0, 1, 2 … */
const LONGEST_COUNT = 256;

/**
 * Lists the values behind the last layers, from which the outputs are computed without further weights: probabilities by their cross-entropy,
 * other numbers by their squared difference.
 *
 * @param stops values to go no further back from, whatever makes them: outputs of the norms that are trained
 */
export function headValues(model: Model, stops: ReadonlySet<string>): Compared[] {
  const [main] = viewOf(model).scopes;
  const found = new Map<string, Compared>();
  if (main === undefined) return [];
  const seen = new Set<string>();
  const pending = model.proto.graph.output.map(({ name }) => name);
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (value === '' || seen.has(value)) continue;
    seen.add(value);
    const node = main.producers.get(value);
    if (node === undefined || NO_NUMBERS.has(node.opType)) continue;
    const isStandard = normalDomain(node.domain) === '';
    const loss = isStandard ? ACTIVATIONS[node.opType] : undefined;
    if (loss !== undefined) found.set(value, { value, loss });
    else if (stops.has(value) || (isStandard && isLayer(node, main.initializers, model))) {
      found.set(value, { value, loss: 'mse' });
    } else pending.push(...node.input);
  }
  return [...found.values()].toSorted((a, b) => (a.value < b.value ? -1 : 1));
}

/** A layer that has weights. One that weights bins by 0, 1, 2 … only takes a mean, as DFL does. */
function isLayer({ opType, input }: NodeProto, stored: Lookup<TensorProto>, model: Model): boolean {
  if (!LAYERS.has(opType)) return false;
  const weight = input.map((name) => stored.get(name)).find((it) => it !== undefined);
  if (weight === undefined) return opType !== 'MatMul';
  if (elementCount(weight) > LONGEST_COUNT) return true;
  return !valuesOf(weight, model.home.open).every((number, index) => number === index);
}
