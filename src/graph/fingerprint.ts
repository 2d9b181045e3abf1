/**
 * What a model is, but for the numbers that training changes: its operator sets, inputs, outputs, nodes with their attributes,
 * and the types and dimensions of its tensors, each as one part.
 *
 * 1. Values of floats are left out, those of small integer tensors (shapes, axes, indices) are not.
 * 2. So are names of nodes, documentation, metadata and stated types of values between nodes: none of them changes what is
 *    computed. Nor does it matter whether a constant is an initializer or a Constant node, or in which order parts come.
 */

import { fromBase64, sha256, toBase64 } from '../host/node.ts';
import { constantNodeTensor } from '../onnx/constant-node.ts';
import { DataType, isFloat } from '../onnx/data-type.ts';
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

/** Takes the parts of a model, one after the other. */
export interface PartVisitor {
  /** A node, and the path of its graph; its text comes from {@link NodeTexts}. */
  node(node: NodeProto, path: string): void;
  /** Anything else. */
  part(it: Part): void;
}

/** The parts of a model, in the order of the file. */
export function structureOf(model: Model): Part[] {
  const parts: Part[] = [];
  const texts = new NodeTexts(model);
  visitParts(model, {
    node: (node, path) => {
      const text = texts.start(node, path) + texts.rest(node);
      parts.push({ kind: 'node', label: labelOf(node), text });
    },
    part: (it) => parts.push(it),
  });
  return parts;
}

function labelOf(node: NodeProto): string {
  return node.name || firstOutput(node);
}

function firstOutput({ output }: NodeProto): string {
  for (let index = 0; index < output.length; index++) if (output[index] !== '') return output[index] as string;
  return '';
}

/** Goes through the parts of a model, in the order of the file. */
export function visitParts(model: Model, visitor: PartVisitor): void {
  const { proto } = model;
  const add = (...of: Parameters<typeof part>) => visitor.part(part(...of));
  for (const { domain, version } of proto.opsetImport) add('opset', normalDomain(domain), Number(version ?? 0));
  const visit = (graph: GraphProto, path: string) => {
    const inputs = new Set(graph.input.map(({ name }) => name));
    const backed = new Set<string>();
    for (const { name } of graph.initializer) if (inputs.has(name)) backed.add(name);
    for (const it of graph.input) if (!backed.has(it.name)) add('input', it.name, path, typeText(it.type));
    for (const it of graph.output) add('output', it.name, path, typeText(it.type));
    for (const it of graph.initializer) add('tensor', it.name, path, tensorContent(it, model));
    for (const it of graph.sparseInitializer) add('tensor', it.values?.name ?? '', path, sparseContent(it, model));
    visitNodes(graph.node, path);
  };
  const visitNodes = (nodes: readonly NodeProto[], path: string) => {
    for (const node of nodes) {
      const isConstant = node.opType === 'Constant' && normalDomain(node.domain) === '';
      const constant = isConstant ? constantNodeTensor(node) : undefined;
      if (constant !== undefined) add('tensor', firstOutput(node), path, tensorContent(constant, model));
      else visitor.node(node, path);
      for (const { name, g, graphs } of node.attribute) {
        if (g === undefined && graphs.length === 0) continue;
        const at = `${path}/${firstOutput(node)}/${name}`;
        if (g !== undefined) visit(g, at);
        for (const [index, graph] of graphs.entries()) visit(graph, `${at}[${index}]`);
      }
    }
  };
  visit(proto.graph, '');
  for (const it of proto.functions) {
    const key = `${it.domain}.${it.name}${it.overload === '' ? '' : `.${it.overload}`}`;
    const opsets = it.opsetImport.map(({ domain, version }) => [normalDomain(domain), Number(version ?? 0)]);
    const defaults = it.attributeProto.map((attribute) => attributeContent(attribute, model));
    add('function', key, it.input, it.output, it.attribute, defaults, opsets);
    visitNodes(it.node, `function ${key}`);
  }
}

function part(kind: Part['kind'], label: string, ...content: readonly unknown[]): Part {
  // Two parts of one name in different graphs, or of different kinds, are not one.
  return { kind, label, text: JSON.stringify([kind, label, ...content]) };
}

/** Operator, inputs, outputs and attributes of a node; the name says nothing. */
export function nodeText(node: NodeProto, model: Model): string {
  return `[${operatorOf(node)},${new NodeTexts(model).rest(node).slice(0, -1)}`;
}

/** The texts of the nodes of a model, each in two pieces: how all nodes of an operator in a graph begin, and what is the node's own. */
export class NodeTexts {
  readonly #model: Model;
  /** Nodes that share a list of attributes share its text. */
  readonly #attributes = new Map<readonly AttributeProto[], string>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** As {@link part} has it, up to the inputs. */
  start(node: NodeProto, path: string): string {
    return `["node","",${quoted(path)},[${operatorOf(node)},`;
  }

  /** Inputs, outputs and attributes. */
  rest({ input, output, attribute }: NodeProto): string {
    return `${listed(input)},${listed(output)},${this.#textOf(attribute)}]]`;
  }

  /** What a list of attributes says, in the order of their names. */
  #textOf(list: readonly AttributeProto[]): string {
    if (list.length === 0) return '[]';
    const before = this.#attributes.get(list);
    if (before !== undefined) return before;
    const sorted = list.length < 2 ? list : list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const text = JSON.stringify(sorted.map((it) => attributeContent(it, this.#model)));
    this.#attributes.set(list, text);
    return text;
  }
}

function operatorOf({ domain, opType, overload }: NodeProto): string {
  return `${quoted(normalDomain(domain))},${quoted(opType)},${quoted(overload)}`;
}

/** A character that JSON may spell with a backslash: a control character, a quote, a backslash, half of a pair. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

function quoted(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** A list of names. Optional ones at the end may be left out, or have no name. */
function listed(names: readonly string[]): string {
  let end = names.length;
  while (end > 0 && names[end - 1] === '') end--;
  if (end === 0) return '[]';
  let text = `[${quoted(names[0] as string)}`;
  for (let index = 1; index < end; index++) text += `,${quoted(names[index] as string)}`;
  return `${text}]`;
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
  return sha256(joined([parts.map(({ text }) => text)]));
}

/** So many texts are hashed at once: one by one, most of the time is spent on asking. */
const AT_ONCE = 256;

/** Sorts the texts of each group, and gives all with a line break between each two. */
export function* joined(groups: Iterable<string[]>): Generator<string> {
  let isFirst = true;
  for (const texts of groups) {
    texts.sort();
    for (let at = 0; at < texts.length; at += AT_ONCE) {
      const piece = texts.slice(at, at + AT_ONCE).join('\n');
      yield isFirst ? piece : `\n${piece}`;
      isFirst = false;
    }
  }
}

/** Bits of a part's {@link tagOf} that tell its kind. */
const KIND_BITS = 3;
const TAG_BYTES = 3;

/** A part in 24 bits: its kind, and a hash (FNV-1a) that tells it from all but one in two million others. */
export function tagOf({ kind, text }: Pick<Part, 'kind' | 'text'>): number {
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
  return packTags(parts.map(tagOf));
}

/** Tags in their order, four characters (base64) each. */
export function packTags(tags: readonly number[]): string {
  const binary = new Uint8Array(TAG_BYTES * tags.length);
  for (let index = 0, at = 0; index < tags.length; index++) {
    const tag = tags[index] as number;
    binary[at++] = tag >> 16;
    binary[at++] = tag >> 8;
    binary[at++] = tag;
  }
  return toBase64(binary);
}

/** The tags that {@link packParts} wrote; `undefined` where it wrote no such thing. */
export function unpackTags(packed: string): number[] | undefined {
  if (!/^[A-Za-z0-9+/]*$/.test(packed) || packed.length % 4 !== 0) return undefined;
  const binary = fromBase64(packed);
  const byte = (at: number) => binary[at] as number;
  return Array.from(
    { length: binary.length / TAG_BYTES },
    (_, i) => (byte(3 * i) << 16) | (byte(3 * i + 1) << 8) | byte(3 * i + 2),
  );
}
