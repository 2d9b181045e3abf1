/** One differentiated node as small models: with what its rule writes, in the file's type; and without, there and in float64. */
import { filled } from '../filled.ts';
import type { Random } from '../inputs/random.ts';
import { makeAttribute, makeNode } from '../onnx/attributes.ts';
import { DataType, INTEGER_ARRAYS, isFloat } from '../onnx/data-type.ts';
import type { Model } from '../onnx/model.ts';
import { namesOf } from '../onnx/names.ts';
import { nameAt } from '../onnx/operands.ts';
import { create, type NodeProto, type TensorProto } from '../onnx/schema.ts';
import { makeTensor, valuesOf } from '../onnx/tensor.ts';
import { makeValueInfo } from '../onnx/value-type.ts';
import type { Gradient } from '../operators/gradient-rule.ts';
import { typed } from '../runtime/half.ts';
import { numbersIn, type Value } from '../runtime/session.ts';
import { assemble } from './assemble.ts';
import { type Forward, fixedOf } from './forward.ts';
import { type Differentiated, walk } from './walk.ts';

/** A node by itself. */
export interface Alone {
  readonly node: NodeProto;
  /** Whether other nodes stand for it in the training graph. */
  readonly isSpelled: boolean;
  readonly wanted: readonly string[];
  readonly seeds: ReadonlyMap<string, string>;
  readonly gradients: ReadonlyMap<string, string>;
  /** With what the rule writes, in the file's type. */
  readonly gradient: Model;
  /** Without, in float64: what stands for the node if something does, then the node itself. */
  readonly wide: readonly Model[];
  /** In the file's type. */
  readonly own: Model;
  readonly feeds: Readonly<Record<string, Value>>;
}

/** Cuts the node out, with what stands for it in the training graph. */
export function alone(
  source: Model,
  forward: Forward,
  { node, wanted }: Differentiated,
  values: ReadonlyMap<string, Value>,
  random: Random,
  rules: ReadonlyMap<string, Gradient>,
): Alone {
  const { types, constants, external, imports, opset, origins } = forward;
  const standsFor = origins?.get(node) ?? [node];
  const made = new Set(standsFor.flatMap(({ output }) => output));
  const read = [...new Set(standsFor.flatMap(({ input }) => input))].filter((name) => name !== '' && !made.has(name));
  const fed = read.filter((name) => !constants.has(name));
  const stored = read.flatMap((name) => constants.get(name) ?? []);
  const floats = node.output.filter((name) => isFloat(types.get(name)?.type));
  const inputs = fed.map((name) => {
    const { type, dims } = fixedOf(types, name);
    return makeValueInfo(name, type, dims);
  });
  const part = {
    opset,
    nodes: [node],
    inputs,
    outputs: floats,
    constants: new Map(stored.map((it) => [it.name, it])),
    types,
    external,
    imports,
  };
  const names = namesOf(create('GraphProto', { node: [node] }));
  const seeds = new Map(floats.map((name) => [name, names.values.fresh(`d/${name}`)]));
  const added = new Map<string, TensorProto>();
  const walked = walk(part, seeds, wanted, names, added, rules);
  const port = (name: string, like: string) => ({ name, type: fixedOf(types, like) });
  const gradient = assemble(source, {
    forward: part,
    nodes: [...walked.forward, ...walked.backward],
    added: added.values(),
    inputs: [...seeds].map(([value, name]) => port(name, value)),
    outputs: [...walked.gradients].map(([value, name]) => port(name, value)),
  });
  const outputs = floats.map((name) => port(name, name));
  const own = assemble(source, { forward: part, nodes: standsFor, added: [], inputs: [], outputs });
  // Norms have no float64 kernel: what stands for them in the training graph has, and is held against the node itself.
  const isSpelled = walked.forward.length !== 1 || walked.forward[0]?.opType !== node.opType;
  const wideTypes = new Map(read.map((name) => [name, types.get(name)] as const));
  const wideInputs = fed.map((name) =>
    makeValueInfo(name, widened(wideTypes.get(name)?.type), fixedOf(types, name).dims),
  );
  const wideConstants = new Map(stored.map((it) => [it.name, isFloat(it.dataType) ? widenedTensor(it, forward) : it]));
  const wideOf = (nodes: readonly NodeProto[], tensors: readonly TensorProto[]) =>
    assemble(source, {
      forward: { ...part, inputs: wideInputs, constants: wideConstants },
      nodes: nodes.flatMap(withKernel),
      added: [ONE, ...tensors].map((it) => (isFloat(it.dataType) ? widenedTensor(it, forward) : it)),
      inputs: [],
      outputs: floats.map((name) => ({ name, type: { type: DataType.DOUBLE, dims: fixedOf(types, name).dims } })),
    });
  const wideSelf = wideOf(
    standsFor.map((it) => widenedNode(it, opset)),
    [],
  );
  const wide = isSpelled ? [wideOf(walked.forward, [...added.values()]), wideSelf] : [wideSelf];
  const sorted = node.opType === 'TopK' ? nameAt(node.input, 0) : undefined;
  const feeds = Object.fromEntries(
    fed.map((name) => {
      const value = valueFor(port(name, name), values.get(name), random);
      return [name, name === sorted ? apart(value) : value];
    }),
  );
  return { node, isSpelled, wanted: [...wanted], seeds, gradients: walked.gradients, gradient, wide, own, feeds };
}

const ONE = makeTensor('gn_swap/one', DataType.DOUBLE, [], [1]);

/** Sigmoid has no float64 kernel; 1/(1 + exp(−x)) has. */
function withKernel(node: NodeProto): NodeProto[] {
  const [x = ''] = node.input;
  if (node.opType !== 'Sigmoid') return [node];
  const at = (role: string) => `${node.output[0]}/${role}`;
  return [
    makeNode('Neg', [x], [at('Neg')], at('Neg')),
    makeNode('Exp', [at('Neg')], [at('Exp')], at('Exp')),
    makeNode('Add', [at('Exp'), ONE.name], [at('Add')], at('Add')),
    makeNode('Reciprocal', [at('Add')], [...node.output], at('Reciprocal')),
  ];
}

function widened(type: DataType | undefined): DataType | undefined {
  return isFloat(type) ? DataType.DOUBLE : type;
}

function widenedTensor(tensor: TensorProto, { external }: Forward): TensorProto {
  return makeTensor(tensor.name, DataType.DOUBLE, tensor.dims.map(Number), valuesOf(tensor, external));
}

/** Attributes that name the element type name the wide one. */
function widenedNode(node: NodeProto, opset: number): NodeProto {
  const without = (name: string) => node.attribute.filter((it) => it.name !== name);
  if (node.opType === 'Cast') return { ...node, attribute: [...without('to'), makeAttribute('to', DataType.DOUBLE)] };
  const hasStash = (node.opType === 'GroupNormalization' && opset >= 21) || node.opType === 'LayerNormalization';
  return hasStash
    ? { ...node, attribute: [...without('stash_type'), makeAttribute('stash_type', DataType.DOUBLE)] }
    : node;
}

/** Values that are all smaller than this are so small beside the step of a difference that it would cross their corners. */
const FAINT = 1e-3;

/** What faint values are multiplied with: the last layers of a network with random weights may give 1e-8. The largest is 0.5 then. */
function growthOf(data: Float64Array): number {
  let most = 0;
  for (let i = 0; i < data.length; i++) most = Math.max(most, Math.abs(data[i] as number));
  return most === 0 || most >= FAINT || !Number.isFinite(0.5 / most) ? 1 : 0.5 / most;
}

/** Moves each number by a hundredth of their spread. What is infinite stays, and numbers that all have one sign keep it: roots and logarithms take no other. */
function move(data: Float64Array, random: Random): void {
  const grown = growthOf(data);
  let [squares, finite, below, above] = [0, 0, 0, 0];
  // Not by entries(), which makes an object of each number.
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    data[i] = value * grown;
    if (value < 0) below++;
    if (value > 0) above++;
    if (!Number.isFinite(value)) continue;
    squares += (value * grown) ** 2;
    finite++;
  }
  const spread = Math.sqrt(squares / Math.max(1, finite)) || 1;
  for (let i = 0; i < data.length; i++) {
    const moved = (data[i] as number) + 0.01 * spread * random.normal();
    if (below === 0) data[i] = Math.abs(moved);
    else data[i] = above === 0 ? -Math.abs(moved) : moved;
  }
}

/** Between what TopK sorts: many steps of a difference, and few digits of float32. */
const GAP = 2 ** -10;

/** The same order, with no two so close that a step of a difference would change it: of ten thousand scores some always are. */
function apart({ type, dims, data: own }: Value): Value {
  const data = Float64Array.from(numbersIn({ type, dims, data: own }));
  const order = Uint32Array.from(data.keys()).sort((a, b) => (data[a] as number) - (data[b] as number) || a - b);
  for (const [rank, index] of order.entries()) if (Number.isFinite(data[index])) data[index] = GAP * (rank + 1);
  return { type, dims, data: typed(type, data) };
}

/** The value of the run, floats moved a little; a random one if there is none. */
function valueFor(
  { type: { type, dims } }: { type: { type: DataType; dims: readonly number[] } },
  known: Value | undefined,
  random: Random,
): Value {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (!isFloat(type)) return known ?? { type, dims, data: otherNumbers(type, count, random) };
  const data =
    known === undefined ? filled(new Float64Array(count), () => random.normal()) : new Float64Array(numbersIn(known));
  if (known !== undefined) move(data, random);
  return { type, dims, data: typed(type, data) };
}

/** Whole numbers are 0, which every table has a row for; a mask has both of its values, so that either branch is tried. */
function otherNumbers(type: DataType, count: number, random: Random): Value['data'] {
  if (type === DataType.BOOL) return filled(new Uint8Array(count), () => random.integer(2));
  if (type === DataType.UINT64) return new BigUint64Array(count);
  const Numbers = INTEGER_ARRAYS.get(type);
  return Numbers === undefined ? new BigInt64Array(count) : new Numbers(count);
}
