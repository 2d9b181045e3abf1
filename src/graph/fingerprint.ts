/**
 * What a model is, but for the numbers that training changes: its operator sets, inputs, outputs, nodes with their attributes,
 * and the types and dimensions of its tensors, each as one part.
 *
 * 1. Values of floats are left out, those of small integer tensors (shapes, axes, indices) are not.
 * 2. So are names of nodes, documentation, metadata and stated types of values between nodes: none of them changes what is
 *    computed. Nor does it matter whether a constant is an initializer or a Constant node, or in which order parts come.
 */

import { fromBase64, sha256, toBase64 } from '../host/node.ts';
import { storesMore } from '../onnx/attributes.ts';
import { constantNodeTensor } from '../onnx/constant-node.ts';
import { type Model, normalDomain } from '../onnx/model.ts';
import { type NodeList, NodeRun, nodeListOf } from '../onnx/node-run.ts';
import type { GraphProto, NodeProto, TensorProto } from '../onnx/schema.ts';
import { typeText } from '../onnx/type-text.ts';
import { attributeContent, NodeTexts, quoted, sparseContent, tensorText } from './part-text.ts';
import { hashOf, joined, TextList } from './text-list.ts';

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

/** Takes the parts of a model, one after the other. */
export interface PartVisitor {
  /** A node, and the path of its graph; its text comes from {@link NodeTexts}. */
  node(node: NodeProto, path: string): void;
  /** Nodes that were not made yet, of the main graph. */
  run(run: NodeRun): void;
  /** A tensor, or what a Constant node holds; {@link TENSOR_START} and `rest` are its text. */
  tensor(label: string, rest: string): void;
  /** Anything else. */
  part(it: Part): void;
}

/** The parts of a model, in the order of the file. */
export function structureOf(model: Model): Part[] {
  const parts: Part[] = [];
  const texts = new NodeTexts(model);
  const node = (it: NodeProto, path: string) => {
    parts.push({ kind: 'node', label: labelOf(it), text: texts.start(it, path) + texts.rest(it) });
  };
  visitParts(model, {
    node,
    run: (run) => {
      for (const it of run.nodes) node(it, '');
    },
    tensor: (label, rest) => parts.push({ kind: 'tensor', label, text: TENSOR_START + rest }),
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
    for (const it of graph.initializer) visitor.tensor(it.name, tensorRest(it.name, path, it, model));
    for (const it of graph.sparseInitializer) add('tensor', it.values?.name ?? '', path, sparseContent(it, model));
    visitNodes(nodeListOf(graph), path);
  };
  const visitNodes = (nodes: NodeList, path: string) => {
    for (const node of nodes) {
      if (node instanceof NodeRun) {
        visitor.run(node);
        continue;
      }
      const isConstant = node.opType === 'Constant' && normalDomain(node.domain) === '';
      const constant = isConstant ? constantNodeTensor(node) : undefined;
      if (constant !== undefined) {
        const label = firstOutput(node);
        visitor.tensor(label, tensorRest(label, path, constant, model));
      } else {
        visitor.node(node, path);
      }
      if (!storesMore(node.attribute)) continue;
      for (const { name, g, graphs } of node.attribute) {
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

/** How the texts of all tensors begin. */
export const TENSOR_START = '["tensor",';

/** As {@link part} has it; written out, as there may be 100,000 of them. */
function tensorRest(label: string, path: string, tensor: TensorProto, model: Model): string {
  return `${quoted(label)},${quoted(path)},${tensorText(tensor, model)}]`;
}

/** SHA-256 of all parts, in whatever order they come; in hexadecimal. */
export function digestParts(parts: readonly Part[]): string {
  const list = new TextList('');
  for (const { text } of parts) list.add(text);
  return sha256(joined([list]));
}

/** Bits of a part's {@link tagOf} that tell its kind. */
const KIND_BITS = 3;
const TAG_BYTES = 3;

/** A part in 24 bits: its kind, and a hash (FNV-1a) that tells it from all but one in two million others. */
export function tagOf({ kind, text }: Pick<Part, 'kind' | 'text'>): number {
  return tagOfHash(PART_KINDS.indexOf(kind), hashOf(text));
}

/** The tag of a part whose text has that hash; its kind by its place in {@link PART_KINDS}. */
export function tagOfHash(kind: number, hash: number): number {
  const short = (hash ^ (hash >>> 15)) & (2 ** (8 * TAG_BYTES - KIND_BITS) - 1);
  return short * 2 ** KIND_BITS + kind;
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
export function packTags(tags: ArrayLike<number>): string {
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
