/** Attributes of nodes: reading them with a default, making them. */
import { createNode } from './messages.ts';
import { isSameList } from './same-list.ts';
import { type AttributeProto, create, type GraphProto, type NodeProto, type TensorProto } from './schema.ts';

/** Numbers of `AttributeProto.AttributeType`. */
export const AttributeType = { FLOAT: 1, INT: 2, STRING: 3, TENSOR: 4, GRAPH: 5, FLOATS: 6, INTS: 7 } as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The attribute of that name. */
export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name);
}

/** An integer attribute, or the default where it is absent. */
export function intAttribute<D>(node: NodeProto, name: string, otherwise: D): number | D {
  const value = attributeOf(node, name)?.i;
  return value === undefined ? otherwise : Number(value);
}

/** A float attribute (float32 in the file), or the default where it is absent. */
export function floatAttribute(node: NodeProto, name: string, otherwise: number): number {
  return attributeOf(node, name)?.f ?? otherwise;
}

/** A list of integers, or `undefined` where it is absent. */
export function intsAttribute(node: NodeProto, name: string): number[] | undefined {
  return attributeOf(node, name)?.ints.map(Number);
}

/** Where each axis of a Transpose's output was in its input; without an attribute, all are the other way round. */
export function permOf(node: NodeProto, rank: number): readonly number[] {
  return intsAttribute(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}

/** A string attribute, or `undefined` where it is absent. */
export function stringAttribute(node: NodeProto, name: string): string | undefined {
  const bytes = attributeOf(node, name)?.s;
  return bytes === undefined ? undefined : decoder.decode(bytes);
}

/** Whether one of the attributes has a tensor or a graph. */
export function storesMore(attributes: readonly AttributeProto[]): boolean {
  for (let index = 0; index < attributes.length; index++)
    if (holdsMore(attributes[index] as AttributeProto)) return true;
  return false;
}

/** Few do, and nothing is made for the others. */
export function holdsMore({ t, tensors, sparseTensor, sparseTensors, g, graphs }: AttributeProto): boolean {
  const isOne = t !== undefined || sparseTensor !== undefined || g !== undefined;
  return isOne || tensors.length + sparseTensors.length + graphs.length > 0;
}

/** A subgraph and where it hangs. */
export interface Subgraph {
  readonly name: string;
  readonly graph: GraphProto;
}

/** The subgraphs of a node (If, Loop, Scan, SequenceMap): one per graph attribute. */
export function subgraphsOf(node: NodeProto): readonly Subgraph[] {
  let found: Subgraph[] | undefined;
  const { attribute } = node;
  for (let index = 0; index < attribute.length; index++) {
    const { name, g, graphs } = attribute[index] as AttributeProto;
    // Nearly all nodes: asked of each in every walk, so nothing is made for them.
    if (g === undefined && graphs.length === 0) continue;
    found ??= [];
    if (g !== undefined) found.push({ name, graph: g });
    for (const [at, graph] of graphs.entries()) found.push({ name: `${name}[${at}]`, graph });
  }
  return found ?? NONE;
}

const NONE: readonly never[] = Object.freeze([]);

/** The same node with each subgraph replaced by `change` of it; the very same node where none changed. */
export function mapSubgraphs(node: NodeProto, change: (graph: GraphProto) => GraphProto): NodeProto {
  if (subgraphsOf(node).length === 0) return node;
  const attribute = node.attribute.map((it) => {
    if (it.g === undefined && it.graphs.length === 0) return it;
    const g = it.g && change(it.g);
    const graphs = it.graphs.map(change);
    return g === it.g && isSameList(graphs, it.graphs) ? it : { ...it, g, graphs };
  });
  return isSameList(attribute, node.attribute) ? node : { ...node, attribute };
}

/** What {@link makeNode} takes as an attribute: an integer is an INT, so a float is written `{ float: 1 }`. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number } | TensorProto;

/**
 * An attribute of the type that its value says; a float is rounded to float32, which is what a file holds.
 *
 * @throws RangeError for a number that is no integer and does not say that it is a float
 */
export function makeAttribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`attribute ${name} is ${value}; it must be an integer`);
    return create('AttributeProto', { name, type: AttributeType.INT, i: value });
  }
  if (typeof value === 'string') {
    return create('AttributeProto', { name, type: AttributeType.STRING, s: encoder.encode(value) });
  }
  if (isInts(value)) return create('AttributeProto', { name, type: AttributeType.INTS, ints: value });
  if ('float' in value) {
    return create('AttributeProto', { name, type: AttributeType.FLOAT, f: Math.fround(value.float) });
  }
  return create('AttributeProto', { name, type: AttributeType.TENSOR, t: value });
}

function isInts(value: object): value is readonly number[] {
  return Array.isArray(value);
}

/** Attributes of a node, in the order of the record. */
export function makeAttributes(values: Readonly<Record<string, AttributeValue>>): AttributeProto[] {
  return Object.entries(values).map(([key, value]) => makeAttribute(key, value));
}

/** A node of the standard domain. */
export function makeNode(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  name: string,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): NodeProto {
  return createNode(opType, input, output, name, makeAttributes(attributes));
}
