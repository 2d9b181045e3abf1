/**
 * Conv → BatchNormalization in inference form ⇒ Conv with a weight and bias that are computed from the parameters of both.
 *
 * With r = 1/√(σ²+ε) and s = γ r, a constant times a parameter per channel: w′ = w·s, b′ = β + (b − μ)·s. The large tensor is not touched
 * a second time, neither forward nor backward: the gradients of γ and β come from those of w′ and b′. Where the weight is larger than the
 * map (the last layers of a ResNet), that would be the longer way, and the norm stays.
 */
import { readsWithin } from '../graph/scope.ts';
import { floatAttribute, intAttribute } from '../onnx/attributes.ts';
import { calledBy, nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { valuesOf } from '../onnx/tensor.ts';
import { sizeOf } from '../operators/gradient-rule.ts';
import { type FixedType, type Forward, fixedOf, storedType } from './forward.ts';
import { type NameSpaces, Writer } from './writer.ts';

export function foldFrozen(forward: Forward, names: NameSpaces): Forward {
  const added = new Map<string, TensorProto>();
  const types = new Map(forward.types);
  const makers = new Map(forward.nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));
  const uses = usesOf(forward);
  const replaced = new Map<NodeProto, readonly NodeProto[]>();
  for (const norm of forward.nodes) {
    const conv = makers.get(nameAt(norm.input, 0));
    if (conv === undefined || !isFoldable(norm, conv, forward, uses)) continue;
    const writer = new Writer(calledBy(norm), names, added);
    write(writer, conv, norm, forward, types);
    replaced.set(norm, writer.nodes);
    replaced.set(conv, []);
  }
  if (replaced.size === 0) return forward;
  const constants = new Map(forward.constants);
  for (const tensor of added.values()) {
    constants.set(tensor.name, tensor);
    types.set(tensor.name, storedType(tensor));
  }
  return { ...forward, nodes: forward.nodes.flatMap((node) => replaced.get(node) ?? [node]), constants, types };
}

/** How often each value is read, or returned. */
function usesOf({ nodes, outputs }: Forward): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const name of [...nodes.flatMap(readsWithin), ...outputs]) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

/** A Conv that only the norm reads, and running statistics that are known. */
function isFoldable(norm: NodeProto, conv: NodeProto, forward: Forward, uses: ReadonlyMap<string, number>): boolean {
  if (norm.opType !== 'BatchNormalization' || conv.opType !== 'Conv') return false;
  if (intAttribute(norm, 'training_mode', 0) !== 0 || uses.get(nameAt(norm.input, 0)) !== 1) return false;
  const [mean, variance] = [nameAt(norm.input, 3), nameAt(norm.input, 4)];
  const numbers = (name: string | undefined) => sizeOf(forward.types.get(name ?? '')?.dims ?? []);
  if (numbers(conv.input[1]) > numbers(norm.output[0])) return false;
  const isFloat32 = norm.input.every((name) => forward.types.get(name)?.type === 1);
  return isFloat32 && forward.constants.has(mean) && forward.constants.has(variance);
}

function write(
  writer: Writer,
  conv: NodeProto,
  norm: NodeProto,
  forward: Forward,
  types: Map<string, FixedType>,
): void {
  const [x = '', w = '', b = ''] = conv.input;
  const [, scale = '', beta = '', mean = '', variance = ''] = norm.input;
  const wDims = fixedOf(types, w).dims;
  const channels = wDims[0] as number;
  const typed = (name: string, dims: readonly number[]) => {
    types.set(name, { type: 1, dims });
    return name;
  };
  const vector = (opType: string, ...inputs: string[]) => typed(writer.op(opType, inputs), [channels]);
  const epsilon = floatAttribute(norm, 'epsilon', 1e-5);
  const numbers = (name: string) => valuesOf(forward.constants.get(name) as TensorProto, forward.external);
  const r = writer.tensor(
    1,
    [channels],
    numbers(variance).map((value) => 1 / Math.sqrt(value + epsilon)),
  );
  const s = vector('Mul', scale, r);
  const shape = [channels, ...wDims.slice(1).map(() => 1)];
  const column = typed(writer.op('Reshape', [s, writer.ints(shape)]), shape);
  const weight = typed(writer.op('Mul', [w, column]), wDims);
  const offset = b === '' ? vector('Neg', mean) : vector('Sub', b, mean);
  const bias = vector('Add', beta, vector('Mul', offset, s));
  const folded = { ...conv, input: [x, weight, bias], output: norm.output.slice(0, 1) };
  writer.nodes.push(folded);
}
