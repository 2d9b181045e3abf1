/**
 * a x + b: a BatchNormalization that an exporter has spelled out as Mul and Add of constants, as tf2onnx does of Keras 3.
 *
 * What its mean and variance were is not in the model, so it is no site; who asks why a model has none is told.
 *
 * 1. Both constants have one number a channel, and nothing else reads what lies between.
 * 2. x comes from none of what a norm is spelled with, nor from a Conv: that is `folded-conv`'s to judge.
 */
import { constantOf } from '../graph/constants.ts';
import type { TypeLookup } from '../graph/infer.ts';
import { noteReader, type Scope } from '../graph/scope.ts';
import { viewOf } from '../graph/view.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { elementCount } from '../onnx/tensor.ts';

/** (2) */
const OTHERS = new Set(
  (
    'Add BatchNormalization Conv ConvTranspose Div GroupNormalization InstanceNormalization LayerNormalization Mul Reshape ' +
    'Sub'
  ).split(' '),
);

/** How many a model has. */
export function countSpelledOut(model: Model): number {
  const { scopes, typeOf, uses } = viewOf(model);
  return scopes.reduce((count, scope) => {
    const readers = new Map<string, NodeProto[]>();
    for (const node of scope.graph.node) noteReader(readers, node);
    const found = scope.graph.node.filter((node) => {
      const x = scaled(node, 'Mul', scope, model, typeOf);
      const product = node.output[0] ?? '';
      const [reader] = readers.get(product) ?? [];
      if (x === undefined || reader === undefined || uses.get(product) !== 1) return false;
      return (
        !OTHERS.has(scope.producers.get(x)?.opType ?? '') && scaled(reader, 'Add', scope, model, typeOf) === product
      );
    });
    return count + found.length;
  }, 0);
}

/** The operand of a Mul or Add that is no constant, where the other has one number for each of its channels. (1) */
function scaled(
  { opType, domain, input }: NodeProto,
  operator: string,
  scope: Scope,
  { external }: Model,
  typeOf: TypeLookup,
): string | undefined {
  if (opType !== operator || normalDomain(domain) !== '') return undefined;
  return input.find((value, index) => {
    const other = input[1 - index] ?? '';
    const { shape } = typeOf(scope, value);
    const dims = typeOf(scope, other).shape;
    const channels = shape?.[1];
    if (shape === undefined || dims === undefined || channels === undefined || channels < 2) return false;
    const tensor = constantOf(scope, other, external, new Map(), channels);
    // Counted from the right, as broadcasting does, the channels' axis is the second from the left.
    const axis = dims.length - (shape.length - 1);
    const isPerChannel = dims.every((dim, at) => dim === (at === axis ? channels : 1));
    return tensor !== undefined && elementCount(tensor) === channels && isPerChannel;
  });
}
