/**
 * Nodes of opset 7 to 17 → nodes of opset 18 that do the same, so that each gradient rule meets one spelling of its operator.
 *
 * Source of what changed when: https://github.com/onnx/onnx/blob/main/docs/Changelog.md
 */
import { GnSwapError } from '../errors.ts';
import {
  type AttributeValue,
  attributeOf,
  floatAttribute,
  intAttribute,
  intsAttribute,
  makeAttribute,
  mapSubgraphs,
  stringAttribute,
} from '../onnx/attributes.ts';
import { DataType } from '../onnx/data-type.ts';
import { normalDomain } from '../onnx/model.ts';
import { calledBy, nameAt } from '../onnx/operands.ts';
import type { NodeProto, TensorProto } from '../onnx/schema.ts';
import { convertCommand } from '../words.ts';
import { type FixedType, type Forward, storedType } from './forward.ts';
import { type NameSpaces, Writer } from './writer.ts';

/** What a step may ask and write. */
interface Upgrading {
  readonly node: NodeProto;
  readonly writer: Writer;
  /** Dimensions of the first input. */
  readonly dims: readonly number[];
  readonly type: DataType;
  /** A value that the step makes on the way, with its type. */
  made(name: string, dims: readonly number[]): string;
}

/** Replaces nodes whose operator changed before opset 18; others stay the very same. */
type Step = (it: Upgrading) => readonly NodeProto[];

interface Change {
  /** The first opset that has the new spelling. */
  readonly since: number;
  readonly step: Step;
}

export function upgrade(forward: Forward, from: number, names: NameSpaces): Forward {
  const added = new Map<string, TensorProto>();
  const types = new Map(forward.types);
  const upgraded = (given: NodeProto): readonly NodeProto[] => {
    const node = mapSubgraphs(given, (graph) => ({ ...graph, node: graph.node.flatMap(upgraded) }));
    const changes = normalDomain(node.domain) === '' ? (CHANGES.get(node.opType) ?? []) : [];
    const change = changes.find(({ since }) => from < since);
    if (change === undefined) return [node];
    const writer = new Writer(calledBy(node), names, added);
    const first: FixedType | undefined = types.get(nameAt(node.input, 0));
    const type = first?.type ?? DataType.FLOAT;
    const made = (name: string, dims: readonly number[]) => {
      types.set(name, { type, dims });
      return name;
    };
    if (first === undefined && change.step === softmax) refuseUnsized(node, from);
    return change.step({ node, writer, dims: first?.dims ?? [], type, made });
  };
  const nodes = forward.nodes.flatMap(upgraded);
  const constants = new Map(forward.constants);
  for (const tensor of added.values()) {
    constants.set(tensor.name, tensor);
    types.set(tensor.name, storedType(tensor));
  }
  return { ...forward, nodes, constants, types };
}

/** Of values that a branch or a loop makes, no size is known. */
function refuseUnsized(node: NodeProto, opset: number): never {
  throw new GnSwapError(
    'unsupported-model',
    `${node.opType} in a subgraph means something else from opset 13 on, and this file has opset ${opset}`,
    {
      node: calledBy(node),
      remedy: `Convert the file to opset 13 or later: ${convertCommand(13)}`,
    },
  );
}

/** The node with its inputs from `at` on replaced, and without the named attributes. */
function withInputs(node: NodeProto, at: number, inputs: readonly string[], ...without: readonly string[]): NodeProto {
  const before = Array.from({ length: at }, (_, index) => nameAt(node.input, index));
  const attribute = node.attribute.filter(({ name }) => !without.includes(name));
  return { ...node, input: trimmed([...before, ...inputs]), attribute };
}

/** Without the empty names at the end. */
function trimmed(inputs: readonly string[]): string[] {
  const last = inputs.findLastIndex((name) => name !== '');
  return inputs.slice(0, last + 1);
}

/** A list of integers goes from an attribute to the second input. */
function listToInput(name: string): Step {
  return ({ node, writer }) => {
    const values = intsAttribute(node, name);
    return [values === undefined ? node : withInputs(node, 1, [writer.ints(values)], name)];
  };
}

const slice: Step = ({ node, writer }) => {
  const [starts, ends] = [intsAttribute(node, 'starts') ?? [], intsAttribute(node, 'ends') ?? []];
  const axes = intsAttribute(node, 'axes') ?? [...starts.keys()];
  return [
    withInputs(
      node,
      1,
      [starts, ends, axes].map((list) => writer.ints(list)),
      'starts',
      'ends',
      'axes',
    ),
  ];
};

const clip: Step = ({ node, writer, type }) => {
  const bound = (name: string) =>
    attributeOf(node, name) === undefined ? '' : writer.scalar(type, floatAttribute(node, name, 0));
  return [withInputs(node, 1, [bound('min'), bound('max')], 'min', 'max')];
};

const pad: Step = ({ node, writer, type }) => {
  const pads = writer.ints(intsAttribute(node, 'pads') ?? []);
  return [withInputs(node, 1, [pads, writer.scalar(type, floatAttribute(node, 'value', 0))], 'pads', 'value')];
};

const topK: Step = ({ node, writer }) => [withInputs(node, 1, [writer.ints([intAttribute(node, 'k', 1)])], 'k')];

/** Below 13 the sizes are an attribute; from 18 on, equal parts say how many they are. */
const split: Step = ({ node, writer }) => {
  const sizes = intsAttribute(node, 'split');
  if (sizes !== undefined) return [withInputs(node, 1, [writer.ints(sizes)], 'split')];
  if (node.input[1]) return [node];
  return [withAttribute(node, 'num_outputs', node.output.length)];
};

function withAttribute(node: NodeProto, name: string, value: AttributeValue): NodeProto {
  return { ...node, attribute: [...node.attribute, makeAttribute(name, value)] };
}

/** Softmax over all axes from `axis` on, as if they were one. */
const softmax: Step = ({ node, writer, dims, made }) => {
  const axis = intAttribute(node, 'axis', 1);
  const at = axis < 0 ? axis + dims.length : axis;
  const size = (list: readonly number[]) => list.reduce((product, dim) => product * dim, 1);
  const [x = ''] = node.input;
  const [y = ''] = node.output;
  if (at === dims.length - 1) {
    writer.op(node.opType, [x], { axis: -1 }, y);
    return writer.nodes;
  }
  const flat = [size(dims.slice(0, at)), size(dims.slice(at))];
  const rows = made(writer.op('Reshape', [x, writer.ints(flat)]), flat);
  const result = made(writer.op(node.opType, [rows], { axis: -1 }), flat);
  writer.op('Reshape', [result, writer.ints(dims)], {}, y);
  return writer.nodes;
};

/** Upsample, and Resize before it knew of coordinates. */
const resize: Step = ({ node, writer }) => {
  const [x = '', given = ''] = node.input;
  const list = attributeOf(node, 'scales')?.floats;
  const scales = list === undefined ? given : writer.tensor(DataType.FLOAT, [list.length], list);
  const mode = stringAttribute(node, 'mode') ?? 'nearest';
  writer.op(
    'Resize',
    [x, '', scales],
    {
      mode: mode === 'bilinear' ? 'linear' : mode,
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    },
    node.output[0],
  );
  return writer.nodes;
};

/** Before 16 the only way to count was the one that has this name now. */
const roiAlign: Step = ({ node }) => [withAttribute(node, 'coordinate_transformation_mode', 'output_half_pixel')];

const scatter: Step = ({ node }) => [{ ...node, opType: 'ScatterElements' }];

/** Before 14 a norm is in training if it gives more than its output; `spatial` says what holds for every norm from 9 on. */
const batchNormalization: Step = ({ node, dims }) => {
  if (intAttribute(node, 'spatial', 1) === 0 && dims.length > 2) refuseSpatial(node);
  const isTraining = node.output.slice(1).some((name) => name !== '');
  const plain = withInputs(node, node.input.length, [], 'spatial');
  return [isTraining ? { ...withAttribute(plain, 'training_mode', 1), output: node.output.slice(0, 3) } : plain];
};

function refuseSpatial(node: NodeProto): never {
  throw new GnSwapError('unsupported-model', 'it is set to spatial=0: every position has statistics of its own', {
    node: calledBy(node),
    remedy: 'Export the model again, at opset 9 or later',
  });
}

/** In inference Dropout passes its input on. */
const dropout: Step = ({ node, writer }) => {
  const isUsed = nameAt(node.output, 1) !== '';
  if (isUsed) return [node];
  writer.op('Identity', [nameAt(node.input, 0)], {}, node.output[0]);
  return writer.nodes;
};

const axesToInput = listToInput('axes');

const CHANGES: ReadonlyMap<string, readonly Change[]> = new Map<string, readonly Change[]>([
  ...['Squeeze', 'Unsqueeze', 'ReduceSum'].map((name) => [name, [{ since: 13, step: axesToInput }]] as const),
  ...['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'].map(
    (name) => [`Reduce${name}`, [{ since: 18, step: axesToInput }]] as const,
  ),
  ...['Hardmax', 'LogSoftmax', 'Softmax'].map((name) => [name, [{ since: 13, step: softmax }]] as const),
  ['BatchNormalization', [{ since: 14, step: batchNormalization }]],
  ['Clip', [{ since: 11, step: clip }]],
  ['Dropout', [{ since: 12, step: dropout }]],
  ['Pad', [{ since: 11, step: pad }]],
  ['Resize', [{ since: 11, step: resize }]],
  ['RoiAlign', [{ since: 16, step: roiAlign }]],
  ['Scatter', [{ since: 11, step: scatter }]],
  ['Slice', [{ since: 10, step: slice }]],
  ['Split', [{ since: 18, step: split }]],
  ['TopK', [{ since: 10, step: topK }]],
  ['Upsample', [{ since: 10, step: resize }]],
]);
