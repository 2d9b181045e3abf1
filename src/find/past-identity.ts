/** Who reads and who makes a value, with Identity passed over: it gives a value a second name and changes nothing. */
import type { Scope } from '../graph/scope.ts';
import type { View } from '../graph/view.ts';
import { normalDomain } from '../onnx/model.ts';
import { nameAt } from '../onnx/operands.ts';
import type { NodeProto } from '../onnx/schema.ts';

/** A node, and the name by which it reads the value. */
export interface Reading {
  readonly reader: NodeProto;
  readonly at: string;
}

/** Gives the nodes that read a value, or read it behind Identity. */
export function readersPast(value: string, view: Pick<View, 'readersOf'>): Reading[] {
  const found: Reading[] = [];
  const seen = new Set<string>();
  const pending = [value];
  for (let at = pending.shift(); at !== undefined; at = pending.shift()) {
    if (seen.has(at)) continue;
    seen.add(at);
    for (const reader of view.readersOf(at)) {
      if (isIdentity(reader)) pending.push(...reader.output);
      else found.push({ reader, at });
    }
  }
  return found;
}

/** Gives the node that makes a value in a graph, or makes what Identity hands on under its name. */
export function producerPast(value: string, { producers }: Pick<Scope, 'producers'>): NodeProto | undefined {
  const seen = new Set<NodeProto>();
  let node = producers.get(value);
  while (node !== undefined && isIdentity(node) && !seen.has(node)) {
    seen.add(node);
    node = producers.get(nameAt(node.input, 0));
  }
  return node;
}

function isIdentity({ opType, domain }: NodeProto): boolean {
  return opType === 'Identity' && normalDomain(domain) === '';
}
