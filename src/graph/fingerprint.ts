/**
 * What a model is, but for the numbers that training changes: its operator sets, inputs, outputs, nodes with their attributes,
 * and the types and dimensions of its tensors, each as one part.
 *
 * 1. Values of floats are left out, those of small integer tensors (shapes, axes, indices) are not.
 * 2. So are names of nodes, documentation, metadata and stated types of values between nodes: none of them changes what is
 *    computed. Nor does it matter whether a constant is an initializer or a Constant node, or in which order parts come.
 */

import { constantNodeTensor } from '../onnx/constant-node.ts';
import { DataType, isFloat } from '../onnx/data-type.ts';
import { sha256 } from '../onnx/digest.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import type { AttributeProto, GraphProto, NodeProto, SparseTensorProto, TensorProto } from '../onnx/schema.ts';
import { elementCount, valuesOf } from '../onnx/tensor.ts';
import { typeText } from '../onnx/type-text.ts';

/** What a part is of. The order is part of what {@link packParts} writes. */
export const PART_KINDS = ['opset', 'input', 'output', 'tensor', 'node', 'function'] as const;

/** One thing that a model consists of. */
export interface Part {
  readonly kind: (typeof PART_KINDS)[number];
  /** To call it by: a domain, the name of a value or tensor, the name of a node or of its first output. */
  readonly label: string;
  /** All that counts of it. */
  readonly text: string;
}

/** Integer tensors up to this size say how something is computed; larger ones are tables or quantised weights. */
const MOST_INTEGERS = 4096;

/** The parts of a model, in the order of the file. */
export function structureOf(model: Model): Part[] {
  const { proto } = model;
  const parts: Part[] = proto.opsetImport.map(({ domain, version }) =>
    part('opset', normalDomain(domain), Number(version ?? 0)),
  );
  const visit = (graph: GraphProto, path: string) => {
    const inputs = new Set(graph.input.map(({ name }) => name));
    const backed = new Set<string>();
    for (const { name } of graph.initializer) if (inputs.has(name)) backed.add(name);
    for (const it of graph.input) if (!backed.has(it.name)) parts.push(part('input', it.name, path, typeText(it.type)));
    for (const it of graph.output) parts.push(part('output', it.name, path, typeText(it.type)));
    for (const it of graph.initializer) parts.push(part('tensor', it.name, path, tensorContent(it, model)));
    for (const it of graph.sparseInitializer)
      parts.push(part('tensor', it.values?.name ?? '', path, sparseContent(it, model)));
    visitNodes(graph.node, path);
  };
  const attributes = attributeTexts(model);
  // As part() has it, without a list of lists for each of many nodes.
  const nodeEntry = (node: NodeProto, path: string) => `["node","",${quoted(path)},${spelled(node, attributes)}]`;
  const visitNodes = (nodes: readonly NodeProto[], path: string) => {
    for (const node of nodes) {
      const output = node.output.find((name) => name !== '') ?? '';
      const constant =
        node.opType === 'Constant' && normalDomain(node.domain) === '' ? constantNodeTensor(node) : undefined;
      if (constant !== undefined) parts.push(part('tensor', output, path, tensorContent(constant, model)));
      else parts.push({ kind: 'node', label: node.name || output, text: nodeEntry(node, path) });
      for (const { name, g, graphs } of node.attribute) {
        if (g !== undefined) visit(g, `${path}/${output}/${name}`);
        for (const [index, graph] of graphs.entries()) visit(graph, `${path}/${output}/${name}[${index}]`);
      }
    }
  };
  visit(proto.graph, '');
  for (const it of proto.functions) {
    const key = `${it.domain}.${it.name}${it.overload === '' ? '' : `.${it.overload}`}`;
    const opsets = it.opsetImport.map(({ domain, version }) => [normalDomain(domain), Number(version ?? 0)]);
    const defaults = it.attributeProto.map((attribute) => attributeContent(attribute, model));
    parts.push(part('function', key, it.input, it.output, it.attribute, defaults, opsets));
    visitNodes(it.node, `function ${key}`);
  }
  return parts;
}

function part(kind: Part['kind'], label: string, ...content: readonly unknown[]): Part {
  // Two parts of one name in different graphs, or of different kinds, are not one.
  const named = kind === 'node' ? '' : label;
  return { kind, label, text: JSON.stringify([kind, named, ...content]) };
}

/** Operator, inputs, outputs and attributes of a node; the name says nothing. */
export function nodeText(node: NodeProto, model: Model): string {
  return spelled(node, attributeTexts(model));
}

function spelled({ domain, opType, overload, input, output, attribute }: NodeProto, texts: AttributeTexts): string {
  const operator = `${quoted(normalDomain(domain))},${quoted(opType)},${quoted(overload)}`;
  return `[${operator},${JSON.stringify(trimmed(input))},${JSON.stringify(trimmed(output))},${texts(attribute)}]`;
}

type AttributeTexts = (list: readonly AttributeProto[]) => string;

/** Answers what lists of attributes say, in the order of their names; nodes that share a list share its text. */
function attributeTexts(model: Model): AttributeTexts {
  const known = new Map<readonly AttributeProto[], string>();
  return (list) => {
    if (list.length === 0) return '[]';
    const before = known.get(list);
    if (before !== undefined) return before;
    const sorted = list.length < 2 ? list : list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const text = JSON.stringify(sorted.map((it) => attributeContent(it, model)));
    known.set(list, text);
    return text;
  };
}

function quoted(text: string): string {
  return text === '' ? '""' : JSON.stringify(text);
}

/** Optional inputs and outputs at the end may be left out, or have no name. */
function trimmed(names: readonly string[]): readonly string[] {
  let end = names.length;
  while (end > 0 && names[end - 1] === '') end--;
  return end === names.length ? names : names.slice(0, end);
}

/** An attribute's name and value; what a subgraph holds are parts of their own. */
export function attributeText(it: AttributeProto, model: Model): string {
  return JSON.stringify(attributeContent(it, model));
}

/** As JSON, what is not there is left out. */
function attributeContent(it: AttributeProto, model: Model): unknown {
  const tensor = (value: TensorProto) => tensorContent(value, model);
  const sparse = (value: SparseTensorProto) => sparseContent(value, model);
  const bytes = (value: Uint8Array) => Array.from(value);
  // A file holds float32, whatever it was made from.
  const float = (value: number) => String(Math.fround(value));
  return {
    name: it.name,
    ref: it.refAttrName || undefined,
    float: one(it.f, float),
    floats: all(it.floats, float),
    int: one(it.i, String),
    ints: all(it.ints, String),
    string: one(it.s, bytes),
    strings: all(it.strings, bytes),
    tensor: one(it.t, tensor),
    tensors: all(it.tensors, tensor),
    sparse: one(it.sparseTensor, sparse),
    sparses: all(it.sparseTensors, sparse),
    graph: it.g === undefined ? undefined : 1,
    graphs: it.graphs.length || undefined,
    type: one(it.tp, typeText),
    types: all(it.typeProtos, typeText),
  };
}

function one<T>(value: T | undefined, of: (value: T) => unknown): unknown {
  return value === undefined ? undefined : of(value);
}

function all<T>(values: Iterable<T> & { readonly length: number }, of: (value: T) => unknown): unknown {
  return values.length === 0 ? undefined : Array.from(values, (value) => of(value));
}

/** Type and dimensions of a tensor, and its values where they say how something is computed. */
export function tensorText(tensor: TensorProto, model: Model): string {
  return JSON.stringify(tensorContent(tensor, model));
}

function tensorContent(tensor: TensorProto, model: Model): unknown {
  const type = tensor.dataType ?? 0;
  const isSmall = elementCount(tensor) <= MOST_INTEGERS;
  return [type, tensor.dims.map(String), isSmall && !isFloat(type) ? integers(tensor, model) : null];
}

function integers(tensor: TensorProto, { home }: Model): unknown {
  if (tensor.dataType === DataType.STRING) return tensor.stringData.map((bytes) => Array.from(bytes));
  try {
    return Array.from(valuesOf(tensor, home.open), String);
  } catch {
    // Complex numbers, and data that is not there: whoever reads weights will say so.
    return null;
  }
}

function sparseContent({ values, indices, dims }: SparseTensorProto, model: Model): unknown {
  const [a, b] = [values, indices].map((tensor) => tensor && tensorContent(tensor, model));
  return [a, b, dims.map(String)];
}

/** SHA-256 of all parts, in whatever order they come; in hexadecimal. */
export function digestParts(parts: readonly Part[]): string {
  const texts = parts.map(({ text }) => text).sort();
  return sha256(joined(texts));
}

/** So many texts are hashed at once: one by one, most of the time is spent on asking. */
const AT_ONCE = 256;

/** The texts with a line break between each two. */
function* joined(texts: readonly string[]): Generator<string> {
  for (let at = 0; at < texts.length; at += AT_ONCE) {
    const piece = texts.slice(at, at + AT_ONCE).join('\n');
    yield at === 0 ? piece : `\n${piece}`;
  }
}

/** Bits of a part's {@link tagOf} that tell its kind. */
const KIND_BITS = 3;
const TAG_BYTES = 3;

/** A part in 24 bits: its kind, and a hash (FNV-1a) that tells it from all but one in two million others. */
export function tagOf({ kind, text }: Part): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  const short = (hash ^ (hash >>> 15)) & (2 ** (8 * TAG_BYTES - KIND_BITS) - 1);
  return short * 2 ** KIND_BITS + PART_KINDS.indexOf(kind);
}

/** The kind that a {@link tagOf} tells. */
export function kindOfTag(tag: number): Part['kind'] | undefined {
  return PART_KINDS[tag % 2 ** KIND_BITS];
}

/** The tags of all parts in their order, four characters (base64) each. */
export function packParts(parts: readonly Part[]): string {
  const binary = Buffer.alloc(TAG_BYTES * parts.length);
  for (const [index, it] of parts.entries()) binary.writeUIntBE(tagOf(it), TAG_BYTES * index, TAG_BYTES);
  return binary.toString('base64');
}

/** The tags that {@link packParts} wrote; `undefined` where it wrote no such thing. */
export function unpackTags(packed: string): number[] | undefined {
  if (!/^[A-Za-z0-9+/]*$/.test(packed) || packed.length % 4 !== 0) return undefined;
  const binary = Buffer.from(packed, 'base64');
  return Array.from({ length: binary.length / TAG_BYTES }, (_, i) => binary.readUIntBE(TAG_BYTES * i, TAG_BYTES));
}
