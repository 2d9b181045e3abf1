/** Counts the Conv that look as if an exporter had folded a BatchNormalization into them. */
import type { Model } from '../onnx/model.ts';
import type { NodeProto } from '../onnx/schema.ts';
import { type Scope, scopesOf } from '../onnx/scope.ts';

/** What usually follows a norm. */
const NONLINEARITIES = new Set(
  'Celu Clip Elu Gelu HardSigmoid HardSwish LeakyRelu Mish PRelu Relu Selu Sigmoid Softplus Swish Tanh'.split(' '),
);

/**
 * How many Conv and ConvTranspose have a bias, as an input or as an Add right after them, and feed a nonlinearity.
 * Where a model has no BatchNormalization, these are where it was.
 */
export function countFoldedConv(model: Model): number {
  let count = 0;
  for (const scope of scopesOf(model)) {
    const readers = new Map<string, NodeProto[]>();
    for (const node of scope.graph.node) {
      for (const name of node.input) {
        // An optional input that is left out has no name.
        if (name === '') continue;
        const list = readers.get(name);
        if (list === undefined) readers.set(name, [node]);
        else list.push(node);
      }
    }
    const feedsNonlinearity = (name: string | undefined) =>
      readers.get(name ?? '')?.some(({ opType }) => NONLINEARITIES.has(opType)) ?? false;
    for (const { opType, input, output } of scope.graph.node) {
      if (opType !== 'Conv' && opType !== 'ConvTranspose') continue;
      const result = output[0] ?? '';
      if (feedsNonlinearity(input[2] ? result : biasAdded(scope, result, readers.get(result)))) count++;
    }
  }
  return count;
}

/** The sum's name where a reader of the value adds a constant to it. */
function biasAdded(scope: Scope, value: string, readers: readonly NodeProto[] = []): string | undefined {
  const add = readers.find(({ opType }) => opType === 'Add');
  const other = add?.input.find((name) => name !== value) ?? '';
  const producer = scope.producers.get(other)?.opType;
  // Exporters write the bias as a constant [C] that a Reshape turns into [1, C, 1, 1].
  const isConstant = scope.initializers.has(other) || producer === 'Constant' || producer === 'Reshape';
  return isConstant ? add?.output[0] : undefined;
}
