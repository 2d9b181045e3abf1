/** The parts of a model, subgraphs and functions included, and their bytes. */

import { scopesOf } from '../../src/graph/scope.ts';
import { subgraphsOf } from '../../src/onnx/attributes.ts';
import { encode, toBytes } from '../../src/onnx/encode.ts';
import type { Model } from '../../src/onnx/model.ts';
import type { GraphProto, Message, MessageName, NodeProto, TensorProto } from '../../src/onnx/schema.ts';

export function bytesOf<K extends MessageName>(type: K, message: Message<K>): string {
  return Buffer.from(toBytes(encode(type, message))).toString('base64');
}

export function nodesOf({ proto }: Model): NodeProto[] {
  const within = (graph: GraphProto): NodeProto[] =>
    graph.node.flatMap((node) => [node, ...subgraphsOf(node).flatMap((inner) => within(inner.graph))]);
  return [...within(proto.graph), ...proto.functions.flatMap(({ node }) => node)];
}

/** Nodes without subgraphs, those of subgraphs included. */
export function leavesOf(model: Model): NodeProto[] {
  return nodesOf(model).filter((node) => subgraphsOf(node).length === 0);
}

export function initializersOf(model: Model): TensorProto[] {
  return scopesOf(model).flatMap(({ graph }) => [...graph.initializer]);
}

/** Names of all values that something reads. */
export function readBy(model: Model): Set<string> {
  const outputs = scopesOf(model).flatMap(({ graph }) => graph.output.map(({ name }) => name));
  return new Set([...nodesOf(model).flatMap(({ input }) => input), ...outputs]);
}

export function countNorms(model: Model): number {
  return nodesOf(model).filter(({ opType }) => opType === 'BatchNormalization').length;
}
