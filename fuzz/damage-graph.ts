/** Seeded damage to what a file means: the file stays one that can be read, its graph makes less and less sense. */

import type { Random } from '../src/inputs/random.ts';
import { type Model, readModel, writeModel } from '../src/onnx/model.ts';
import {
  type AttributeProto,
  create,
  type GraphProto,
  type Int64,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../src/onnx/schema.ts';

/** What numbers of a file may be that nobody expects. */
const NUMBERS: readonly Int64[] = [-1, 0, 1, 2, 3, 31, 33, 2 ** 31 - 1, 2 ** 31, 2 ** 53, -(2n ** 63n), 2n ** 63n - 1n];
const REALS = [Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1e-45, 1e38];
const OPERATORS = ['BatchNormalization', 'Conv', 'Constant', 'Identity', 'Reshape', 'If', 'Loop', 'Mul', 'Nothing', ''];
const NAMES = [
  '',
  'x',
  'gn_swap/scale',
  '\u001b[2J',
  'é\u202e',
  '__proto__',
  'constructor',
  '../../x',
  'n'.repeat(10_000),
];

type Change<T> = (value: T, random: Random) => T;

/** The list with one of its members changed; as it is where it is empty. */
function oneOf<T>(list: readonly T[], random: Random, change: Change<T>): readonly T[] {
  const at = random.integer(list.length);
  return list.map((it, index) => (index === at ? change(it, random) : it));
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[random.integer(list.length)] as T;
}

/** Names of all values of a graph. */
function valuesOf({ node, initializer, input }: GraphProto): string[] {
  return [...node.flatMap(({ output }) => output), ...[...initializer, ...input].map(({ name }) => name), ''];
}

const withNode =
  (change: Change<NodeProto>): Change<GraphProto> =>
  (graph, random) => ({ ...graph, node: oneOf(graph.node, random, change) });

const withTensor =
  (change: Change<TensorProto>): Change<GraphProto> =>
  (graph, random) => ({ ...graph, initializer: oneOf(graph.initializer, random, change) });

const rewire: Change<GraphProto> = (graph, random) =>
  withNode((node) => ({ ...node, input: oneOf(node.input, random, () => pick(valuesOf(graph), random)) }))(
    graph,
    random,
  );

/** A node reads what it makes, or what is made of that. */
const closeCircle: Change<GraphProto> = (graph, random) => {
  const at = random.integer(graph.node.length);
  const later = graph.node.slice(at).flatMap(({ output }) => output);
  return {
    ...graph,
    node: graph.node.map((it, i) =>
      i === at ? { ...it, input: oneOf(it.input, random, () => pick(later, random)) } : it,
    ),
  };
};

const renameOutput = withNode((node, random) => ({
  ...node,
  output: oneOf(node.output, random, () => pick(NAMES, random)),
}));

const renameNode = withNode((node, random) => ({ ...node, name: pick(NAMES, random) }));

const changeOperator = withNode((node, random) => ({ ...node, opType: pick(OPERATORS, random) }));

const inputCount = withNode((node, random) => ({
  ...node,
  input: random.integer(2) === 0 ? node.input.slice(0, random.integer(6)) : [...node.input, ...node.input],
}));

const dropNode: Change<GraphProto> = (graph, random) => {
  const at = random.integer(graph.node.length);
  return { ...graph, node: graph.node.filter((_, index) => index !== at) };
};

const repeatNode: Change<GraphProto> = (graph, random) => ({
  ...graph,
  node: graph.node.length === 0 ? [] : [...graph.node, pick(graph.node, random)],
});

const reorder: Change<GraphProto> = (graph, random) => ({ ...graph, node: random.shuffle([...graph.node]) });

const changeAttribute: Change<AttributeProto> = (attribute, random) => {
  const number = () => pick(NUMBERS, random);
  return pick(
    [
      { ...attribute, f: pick(REALS, random) },
      { ...attribute, i: number() },
      { ...attribute, ints: oneOf(attribute.ints, random, number) },
      { ...attribute, name: pick(['epsilon', 'training_mode', 'spatial', 'axis', 'value'], random) },
      { ...attribute, type: random.integer(16) },
      { ...attribute, refAttrName: pick(NAMES, random) },
      { ...attribute, s: new Uint8Array(random.integer(9)) },
    ],
    random,
  );
};

const changeAttributes = withNode((node, random) => ({
  ...node,
  attribute: oneOf(node.attribute, random, changeAttribute),
}));

const addAttribute = withNode((node, random) => ({
  ...node,
  attribute: [
    ...node.attribute,
    create('AttributeProto', {
      name: pick(['epsilon', 'training_mode', 'spatial', 'is_test'], random),
      i: pick(NUMBERS, random),
      f: pick(REALS, random),
      type: 1,
    }),
  ],
}));

/** A graph becomes a branch of a node of its own. */
const nest: Change<GraphProto> = (graph, random) => {
  const g = create('AttributeProto', { name: 'then_branch', g: graph, type: 5 });
  return withNode((node) => ({ ...node, opType: 'If', attribute: [...node.attribute, g] }))(graph, random);
};

const tensorDims = withTensor((tensor, random) => ({
  ...tensor,
  dims: random.integer(3) === 0 ? [] : oneOf(tensor.dims, random, () => pick(NUMBERS, random)),
}));

const tensorType = withTensor((tensor, random) => ({ ...tensor, dataType: random.integer(30) }));

const tensorName = withTensor((tensor, random) => ({ ...tensor, name: pick(NAMES, random) }));

const tensorElsewhere = withTensor((tensor, random) => {
  const value = (of: readonly unknown[]) => String(pick(of, random));
  const entries = { location: value(NAMES), offset: value(NUMBERS), length: value(NUMBERS) };
  const externalData = Object.entries(entries).map(([key, text]) =>
    create('StringStringEntryProto', { key, value: text }),
  );
  return { ...tensor, dataLocation: 1, externalData };
});

const dropTensor: Change<GraphProto> = (graph, random) => {
  const at = random.integer(graph.initializer.length);
  return { ...graph, initializer: graph.initializer.filter((_, index) => index !== at) };
};

const changeShape: Change<ValueInfoProto> = (value, random) => {
  const tensorType = value.type?.tensorType;
  const shape = tensorType?.shape;
  if (value.type === undefined || tensorType === undefined || shape === undefined) return value;
  const dim = oneOf(shape.dim, random, () => create('Dimension', { dimValue: pick(NUMBERS, random) }));
  const shorter = random.integer(3) === 0 ? dim.slice(1) : dim;
  return { ...value, type: { ...value.type, tensorType: { ...tensorType, shape: { ...shape, dim: shorter } } } };
};

const shapes: Change<GraphProto> = (graph, random) =>
  pick(
    [
      { ...graph, input: oneOf(graph.input, random, changeShape) },
      { ...graph, output: oneOf(graph.output, random, changeShape) },
      { ...graph, valueInfo: [...graph.valueInfo, ...oneOf(graph.input, random, changeShape)] },
      { ...graph, input: graph.input.slice(1) },
      { ...graph, output: [...graph.output, ...graph.input] },
    ],
    random,
  );

const GRAPH_CHANGES: readonly Change<GraphProto>[] = [
  ...[rewire, rewire, closeCircle, renameOutput, renameNode, changeOperator, inputCount, dropNode, repeatNode, reorder],
  ...[changeAttributes, addAttribute, nest, tensorDims, tensorType, tensorName, tensorElsewhere, dropTensor, shapes],
];

/** The graph, or one in it. */
function changeGraph(graph: GraphProto, random: Random): GraphProto {
  const holders = graph.node.filter(({ attribute }) => attribute.some(({ g }) => g !== undefined));
  if (holders.length === 0 || random.integer(2) === 0) return pick(GRAPH_CHANGES, random)(graph, random);
  const holder = pick(holders, random);
  const attribute = holder.attribute.map((it) => (it.g === undefined ? it : { ...it, g: changeGraph(it.g, random) }));
  return { ...graph, node: graph.node.map((it) => (it === holder ? { ...it, attribute } : it)) };
}

function changeModel(model: Model, random: Random, other: Model): Model {
  const { proto } = model;
  const { graph, functions } = proto;
  const changed = (fields: Partial<Model['proto']>): Model => ({ ...model, proto: { ...proto, ...fields } });
  switch (random.integer(12)) {
    case 0:
      return changed({ irVersion: pick(NUMBERS, random) });
    case 1: {
      const version = random.integer(4) === 0 ? pick(NUMBERS, random) : 1 + random.integer(28);
      return changed({ opsetImport: oneOf(proto.opsetImport, random, (it) => ({ ...it, version })) });
    }
    case 2: {
      // Nodes of another model, with what they read; names meet by chance.
      const { node, initializer } = other.proto.graph;
      return changed({
        graph: { ...graph, node: [...graph.node, ...node], initializer: [...graph.initializer, ...initializer] },
        functions: [...functions, ...other.proto.functions],
      });
    }
    case 3: {
      // A function calls whatever there is, itself included.
      const called = functions.length === 0 ? undefined : pick(functions, random);
      const call = (node: NodeProto) => ({ ...node, opType: called?.name ?? '', domain: called?.domain ?? '' });
      return changed({
        functions: oneOf(functions, random, (it) => ({ ...it, node: oneOf(it.node, random, call) })),
        graph: called === undefined ? pick(GRAPH_CHANGES, random)(graph, random) : withNode(call)(graph, random),
      });
    }
    default:
      return changed({ graph: changeGraph(graph, random) });
  }
}

/** The model with one to four pieces of damage, of another's nodes among them; as it is where it can't be read. */
export function damageGraph(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let model = readModel(bytes);
  const more = readModel(other);
  for (let count = 1 + random.integer(4); count > 0; count--) model = changeModel(model, random, more);
  return writeModel(model);
}
