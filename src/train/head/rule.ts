/** What a rule says of a node that classes go through. */

import { nameAt } from '../../onnx/operands.ts';
import type { NodeProto } from '../../onnx/schema.ts';
import type { Place } from './place.ts';

/** What is known of the values of the model, at the sizes of one run. */
export interface Known {
  dimsOf(value: string): readonly number[] | undefined;
  /** Integers that a value always is. */
  intsOf(value: string): readonly number[] | undefined;
  /** Whether a value is stored, so that it can be written anew. */
  isStored(value: string): boolean;
  /** The node that computes a value. */
  makerOf(value: string): NodeProto | undefined;
  readersOf(value: string): readonly NodeProto[];
}

/** Integers that have to be written anew: an input of a node, which may be another than the one that classes go through, or an attribute. */
export interface Rewrite {
  readonly node: NodeProto;
  readonly input?: number;
  readonly attribute?: string;
  readonly values: readonly number[];
  /** What they are now; of sizes that are computed in part, those of one run. */
  readonly was?: readonly number[];
}

/** What became of classes in one node. */
export interface Passed {
  /** By output. */
  readonly places: ReadonlyMap<string, Place>;
  readonly rewrites: readonly Rewrite[];
  /** Inputs that hold a number for each class, and have to grow with them. */
  readonly grown?: readonly { readonly input: number; readonly place: Place }[];
  /** Why classes can't be followed; the number can't change then. */
  readonly blocked?: string;
}

/** Follows classes through a node. `places`: of its inputs, as far as they hold classes. */
export type Rule = (node: NodeProto, places: ReadonlyMap<string, Place>, more: number, known: Known) => Passed;

/** Nodes that hand on one number, or a list, as it is. */
export const LAYOUTS: ReadonlySet<string> = new Set(['Unsqueeze', 'Squeeze', 'Reshape', 'Cast', 'Identity']);

/** Classes end at the node. */
export const NOTHING: Passed = { places: new Map(), rewrites: [] };

/** The number of classes can't change at the node. */
export function blocked(reason: string): Passed {
  return { ...NOTHING, blocked: reason };
}

/** Classes are in the node's first output. */
export function at(node: NodeProto, place: Place | undefined, rewrites: readonly Rewrite[] = []): Passed {
  return { places: place === undefined ? new Map() : new Map([[nameAt(node.output, 0), place]]), rewrites };
}

/** An axis or a place, counted from the front. */
export function wrap(index: number, size: number): number {
  return index < 0 ? index + size : index;
}

/** The rank of a value; 0 of one that is not known. */
export function rankOf(known: Known, value: string): number {
  return known.dimsOf(value)?.length ?? 0;
}

/** A rule for classes that arrive at the first input. They end at the node if they arrive at others alone, such as a shape. */
export function atFirst(rule: (node: NodeProto, place: Place, more: number, known: Known) => Passed): Rule {
  return (node, places, more, known) => {
    const place = places.get(nameAt(node.input, 0));
    return place === undefined ? NOTHING : rule(node, place, more, known);
  };
}
